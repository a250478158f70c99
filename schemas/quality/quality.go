// Package quality defines the records of the topic quality: what became of
// each publisher's statements. They count statements, never people, and say
// nothing that depends on who the pupil is.
package quality

import (
	"maps"
	"time"
)

// The fields of an event that a mapping may fail to fill.
const (
	School  = "school"
	Level   = "level"
	Subject = "subject"
	Verb    = "verb"
)

// Fields lists them in the order in which they are shown.
var Fields = []string{School, Level, Subject, Verb}

// Intake is what one instance of ingest did for one publisher since it last
// said so. Statements of sandbox keys have records of their own.
type Intake struct {
	Instance  string            `json:"instance"`
	Publisher string            `json:"publisher"`
	Sandbox   bool              `json:"sandbox,omitzero"`
	Until     time.Time         `json:"until"`
	Accepted  int64             `json:"accepted"`
	Refused   int64             `json:"refused"`
	Postponed int64             `json:"postponed"`
	ByCode    map[string]int64  `json:"by_code,omitempty"`  // refused and postponed
	Dropped   map[string]int64  `json:"dropped,omitempty"`  // accepted and not sent on, by reason
	Unmapped  map[string]int64  `json:"unmapped,omitempty"` // sent on without a known value, by field
	Last      time.Time         `json:"last,omitzero"`      // when the last statement was accepted
	Samples   map[string]Sample `json:"samples,omitempty"`  // one refused statement for each code
}

// Sample is a refused statement without any of its values: where which rule is
// broken, and what the statement looks like (see xapi.Skeleton).
type Sample struct {
	Pointer  string    `json:"pointer"`
	Rule     string    `json:"rule"`
	Message  string    `json:"message,omitzero"`
	French   string    `json:"message_fr,omitzero"`
	Skeleton string    `json:"skeleton,omitzero"`
	At       time.Time `json:"at"`
}

// Service is what records of anonymize name; those of ingest name an instance.
const Service = "anonymize"

// Folding is what became of the statements of one partition up to an offset,
// since the partition's beginning. The counts belong to the snapshot of that
// offset: of several records of an offset any one says all.
type Folding struct {
	Service   string    `json:"service"`
	Partition int       `json:"partition"`
	Next      int64     `json:"next"` // offset of the first record that is not in the counts
	Until     time.Time `json:"until"`
	Fate
	Publishers map[uint16]*Fate `json:"publishers,omitempty"` // by number, as publishers may know it: see cohort.Counts
}

// Fate counts what became of accepted statements: each once, as folded,
// duplicate or dropped; late is a subset of folded.
type Fate struct {
	Folded     int64            `json:"folded"`
	Duplicates int64            `json:"duplicates"`
	Late       int64            `json:"late"`
	Dropped    map[string]int64 `json:"dropped,omitempty"`
}

// Add adds another count.
func (f *Fate) Add(other *Fate) {
	f.Folded += other.Folded
	f.Duplicates += other.Duplicates
	f.Late += other.Late
	for reason, n := range other.Dropped {
		f.Drop(reason, n)
	}
}

// Drop counts dropped statements.
func (f *Fate) Drop(reason string, n int64) {
	if f.Dropped == nil {
		f.Dropped = map[string]int64{}
	}
	f.Dropped[reason] += n
}

// Clone returns a copy that shares nothing.
func (f *Fate) Clone() *Fate {
	c := *f
	c.Dropped = maps.Clone(f.Dropped)
	return &c
}
