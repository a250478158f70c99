// Package clickhouse holds the numbered migrations that make the tables of
// the public-safe zone: what dashboards read ("published"), the loader's
// scratch space ("staging") and the migrator's memory ("meta").
//
// No table here may have a column that could name a pupil. Every statement is
// idempotent, so that a migration cut short is simply run again.
package clickhouse
