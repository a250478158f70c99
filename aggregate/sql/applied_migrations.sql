SELECT version, any(hash) FROM meta.migrations GROUP BY version ORDER BY version
