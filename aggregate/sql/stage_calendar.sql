INSERT INTO staging.calendar (school_year, zone, window, first_day)
