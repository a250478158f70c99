INSERT INTO meta.migrations (version, name, hash) VALUES ({version:UInt32}, {name:String}, {hash:String})
