ALTER TABLE published.terms REPLACE PARTITION tuple() FROM staging.terms
