-- Every release that any table names, with the hash where one is recorded.
SELECT release, max(hash) AS hash
FROM
(
    SELECT toString(release) AS release, hash FROM published.releases
    UNION ALL
    SELECT DISTINCT toString(release), '' FROM published.cells
    UNION ALL
    SELECT DISTINCT toString(release), '' FROM published.estimates
)
GROUP BY release
ORDER BY release
