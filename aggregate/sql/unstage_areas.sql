ALTER TABLE staging.areas DROP PARTITION tuple()
