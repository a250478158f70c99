-- One row a release, written last: a release that is named here is complete.
CREATE TABLE IF NOT EXISTS published.releases
(
    release         LowCardinality(String),
    school_year     LowCardinality(String),
    cadence         LowCardinality(String),
    window          LowCardinality(String) COMMENT '"2026-W38"',
    first_day       Date,
    last_day        Date,
    hash            String  COMMENT 'hex SHA-256 of the committed payload',
    policy_hash     String,
    registry_hash   String,
    epsilon         Float64 COMMENT 'of the whole school year',
    delta           Float64,
    incomplete      Bool    COMMENT 'a partition had lost state',
    cells           UInt32,
    estimates       UInt32,
    ledger_sequence UInt64,
    ledger_head     String  COMMENT 'hex head of the chain that the loader saw',
    spent_nano      Int64   COMMENT 'year''s spend once this release was reserved, in 1e-9 mu2; 0 when unknown',
    limit_nano      Int64   COMMENT 'year''s limit, in 1e-9 mu2'
)
ENGINE = MergeTree
PARTITION BY release
ORDER BY release
COMMENT 'releases that are fully loaded';

CREATE TABLE IF NOT EXISTS staging.releases AS published.releases;
