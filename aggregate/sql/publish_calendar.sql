ALTER TABLE published.calendar REPLACE PARTITION tuple() FROM staging.calendar
