ALTER TABLE published.areas REPLACE PARTITION tuple() FROM staging.areas
