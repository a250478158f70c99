ALTER TABLE published.releases REPLACE PARTITION {release:String} FROM staging.releases
