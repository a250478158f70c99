CREATE DATABASE IF NOT EXISTS meta;
CREATE TABLE IF NOT EXISTS meta.migrations
(
    version UInt32,
    name    String,
    hash    String,
    applied DateTime DEFAULT now()
)
ENGINE = MergeTree
ORDER BY version;
