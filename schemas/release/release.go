// Package release defines what crosses the noise boundary: releases made of
// noised cells, and their Arrow form. Everything here is public-safe.
package release

// ID names a release: "2026-2027-w38" for a week, "2026-2027-p1" for a half-term,
// "2026-2027-stream-w38" for a step of the year's streams.
type ID string

// Release is the full set of noised cells of one window.
type Release struct {
	ID           ID
	SchoolYear   string // "2026-2027"
	Cadence      string // week | period | year-stream
	Window       string // "2026-W38", "P1"
	Start        string // first day, "2026-09-14"
	End          string // last day, "2026-09-20"
	PolicyHash   string // hex SHA-256
	RegistryHash string // hex SHA-256
	Epsilon      float64
	Delta        float64
	Incomplete   bool // a partition had lost state: for ever incomplete
	Cells        []Cell
}

// Cell is one noised value. The codes are the registry's; a dimension that the
// family does not use is empty.
type Cell struct {
	Family  string  // policy family name
	Area    string  // UAI, department code, or registry.Other
	Level   string  // level code or ""
	Subject string  // subject code or ""
	Tool    string  // tool code or ""
	Measure string  // policy.Measure.Values: active, successes, failures, minutes, score_0 … score_9
	Value   int64   // exact bounded sum plus rounded Gaussian noise; may be negative
	Sigma   float64 // standard deviation of that noise, in units
}
