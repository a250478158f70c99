SELECT family, area, level, subject, tool, measure, value, sigma
FROM staging.cells
WHERE release = {release:String}
ORDER BY ordinal
