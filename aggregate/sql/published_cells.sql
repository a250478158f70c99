SELECT family, area, level, subject, tool, measure, value, sigma
FROM published.cells
WHERE release = $1
ORDER BY ordinal
