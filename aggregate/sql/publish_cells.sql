ALTER TABLE published.cells REPLACE PARTITION {release:String} FROM staging.cells
