ALTER TABLE staging.calendar DROP PARTITION tuple()
