-- What people read: every cell and every sum of cells with its variance.
CREATE TABLE IF NOT EXISTS published.estimates
(
    release   LowCardinality(String),
    area_kind LowCardinality(String) COMMENT 'school, department, academy, nation, other',
    area      LowCardinality(String) COMMENT 'code in published.areas',
    level     LowCardinality(String) COMMENT 'level code, or empty for all',
    subject   LowCardinality(String) COMMENT 'subject code, or empty for all',
    tool      LowCardinality(String) COMMENT 'tool code, or empty for all',
    measure   LowCardinality(String),
    value     Float64 COMMENT 'unbiased, signed',
    variance  Float64 COMMENT 'of the noise only',
    method    LowCardinality(String) COMMENT 'direct, sum, combined',
    parts     UInt16  COMMENT 'departments in session that the figure covers',
    parts_of  UInt16  COMMENT 'departments of the area in the registry',
    enrolment UInt32  COMMENT 'pupils enrolled in what the figure covers, public; 0 when unknown'
)
ENGINE = MergeTree
PARTITION BY release
ORDER BY (area, measure, level, subject, tool, area_kind)
SETTINGS index_granularity = 512 -- a page reads a few rows of every release: half the time of the default 8192
COMMENT 'cells and sums of cells, with variances';

CREATE TABLE IF NOT EXISTS staging.estimates AS published.estimates;
