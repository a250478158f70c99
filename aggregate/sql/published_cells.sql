SELECT family, area, level, subject, tool, measure, value, sigma
FROM published.cells
WHERE release = {release:String}
ORDER BY ordinal
