INSERT INTO staging.estimates
    (release, area_kind, area, level, subject, tool, measure, value, variance, method, parts, parts_of, enrolment)
