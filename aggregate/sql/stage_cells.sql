INSERT INTO staging.cells
    (release, ordinal, family, area, level, subject, tool, measure, value, sigma)
