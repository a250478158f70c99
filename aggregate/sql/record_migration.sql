INSERT INTO meta.migrations (version, name, hash) VALUES ($1, $2, $3)
