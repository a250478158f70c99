-- What crossed the noise boundary, cell by cell, exactly as committed.
-- One partition is one release: loading replaces a partition whole.
CREATE DATABASE IF NOT EXISTS published;
CREATE DATABASE IF NOT EXISTS staging;

CREATE TABLE IF NOT EXISTS published.cells
(
    release LowCardinality(String) COMMENT 'release id, "2026-2027-w38"',
    ordinal UInt32                 COMMENT 'position in the release',
    family  LowCardinality(String) COMMENT 'policy family',
    area    LowCardinality(String) COMMENT 'school UAI, department code or "other"',
    level   LowCardinality(String) COMMENT 'level code, or empty',
    subject LowCardinality(String) COMMENT 'subject code, or empty',
    tool    LowCardinality(String) COMMENT 'tool code, or empty',
    measure LowCardinality(String) COMMENT 'active, successes, failures',
    value   Int64                  COMMENT 'noised, signed, never rounded for people',
    sigma   Float64                COMMENT 'standard deviation of the noise'
)
ENGINE = MergeTree
PARTITION BY release
ORDER BY (release, family, area, level, subject, tool, measure)
COMMENT 'noised cells, as committed in the ledger';

CREATE TABLE IF NOT EXISTS staging.cells AS published.cells;
