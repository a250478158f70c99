ALTER TABLE staging.releases DROP PARTITION {release:String}
