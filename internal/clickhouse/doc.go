// Package clickhouse is Brume's only door to ClickHouse: a small wrapper
// around the native driver, which no other package imports.
//
// Only noised cells and the tables that manage them go through it; no row
// about a pupil exists on this side of the noise boundary.
package clickhouse
