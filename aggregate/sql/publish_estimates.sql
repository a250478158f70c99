ALTER TABLE published.estimates REPLACE PARTITION {release:String} FROM staging.estimates
