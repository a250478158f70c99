ALTER TABLE staging.cells DROP PARTITION {release:String}
