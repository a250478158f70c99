-- Public reference data: areas, nomenclatures and the school calendar.
CREATE TABLE IF NOT EXISTS published.areas
(
    code       String COMMENT 'UAI, department code, "ac-…", "france" or "other"',
    kind       LowCardinality(String) COMMENT 'school, department, academy, nation, other',
    name       String,
    academy    LowCardinality(String) COMMENT 'code of the academy, or empty',
    department LowCardinality(String) COMMENT 'code of the department, or empty',
    zone       LowCardinality(String) COMMENT 'holiday zone, or empty when several',
    sector     LowCardinality(String) COMMENT 'public, prive, or empty',
    enrolment  UInt32                 COMMENT 'public; 0 when unknown',
    ips        Nullable(Float64)      COMMENT 'social index, public'
)
ENGINE = MergeTree
ORDER BY (kind, department, code)
COMMENT 'areas of the public school registry';

CREATE TABLE IF NOT EXISTS published.terms
(
    dimension LowCardinality(String) COMMENT 'level, subject, tool',
    position  UInt16,
    code      LowCardinality(String),
    french    String,
    english   String
)
ENGINE = MergeTree
ORDER BY (dimension, position)
COMMENT 'levels, subjects and tools';

CREATE TABLE IF NOT EXISTS published.calendar
(
    school_year LowCardinality(String),
    zone        LowCardinality(String),
    window      LowCardinality(String) COMMENT 'ISO week in which the zone is in session',
    first_day   Date
)
ENGINE = MergeTree
ORDER BY (school_year, zone, first_day)
COMMENT 'weeks in session, by holiday zone';

CREATE TABLE IF NOT EXISTS staging.areas AS published.areas;
CREATE TABLE IF NOT EXISTS staging.terms AS published.terms;
CREATE TABLE IF NOT EXISTS staging.calendar AS published.calendar;
