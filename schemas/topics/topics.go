// Package topics names the topics by which the services meet, and says what
// rests in each and for how long.
package topics

import "time"

// The topics.
const (
	Statements = "statements" // sealed events, and control records in every partition
	Publishers = "publishers" // publisher registry and key hashes
	Requests   = "requests"   // the operators' register of objections and erasures
	Quality    = "quality"    // counts for operators
	Quarantine = "quarantine" // sealed records that could not be opened
	Cohorts    = "cohorts"    // sealed snapshots, one partition for each of statements
	Partials   = "partials"   // sealed exact sums
	Drafts     = "drafts"     // encrypted noised drafts
	Streams    = "streams"    // sealed noise of year streams, for as long as their year lasts
	Ledger     = "ledger"     // the hash chain
	Releases   = "releases"   // noised cells
	Loads      = "loads"      // what aggregate has loaded
)

// KeepStatements is how long a sealed statement may rest, and how long the
// private key that opens it lives.
const KeepStatements = 72 * time.Hour

// Spec says how a topic is kept.
type Spec struct {
	Name        string
	Partitioned bool          // as many partitions as statements; else one
	Compact     bool          // keeps the last record of each key
	Retention   time.Duration // 0: for ever
}

// All returns every topic.
func All() []Spec {
	const month = 30 * 24 * time.Hour
	return []Spec{
		{Name: Statements, Partitioned: true, Retention: KeepStatements},
		{Name: Publishers, Compact: true},
		{Name: Requests},
		{Name: Quality, Retention: 13 * month},
		{Name: Quarantine, Retention: KeepStatements},
		{Name: Cohorts, Partitioned: true, Compact: true},
		{Name: Partials, Retention: month},
		{Name: Drafts, Retention: month},
		{Name: Streams, Retention: 13 * month},
		{Name: Ledger},
		{Name: Releases},
		{Name: Loads},
	}
}
