-- What is there: the recorded hash and counts beside the rows really present.
SELECT r.release, r.hash, r.cells = c.present AND r.estimates = e.present AS whole
FROM published.releases AS r
LEFT JOIN (SELECT release, count() AS present FROM published.cells GROUP BY release) AS c ON c.release = r.release
LEFT JOIN (SELECT release, count() AS present FROM published.estimates GROUP BY release) AS e ON e.release = r.release
ORDER BY r.release
