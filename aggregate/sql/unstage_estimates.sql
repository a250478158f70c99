ALTER TABLE staging.estimates DROP PARTITION {release:String}
