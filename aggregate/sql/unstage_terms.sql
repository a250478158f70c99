ALTER TABLE staging.terms DROP PARTITION tuple()
