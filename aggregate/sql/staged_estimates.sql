SELECT count(), uniqExact(area_kind, area, level, subject, tool, measure)
FROM staging.estimates
WHERE release = {release:String}
