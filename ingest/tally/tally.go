package tally

import (
	"maps"
	"slices"
	"time"

	"brume/schemas/event"
	"brume/schemas/mapping"
	"brume/schemas/quality"
)

// Tally counts the statements of one publisher, or those of one request that
// are accepted.
type Tally struct {
	accepted, refused, postponed                 int64
	byCode                                       map[string]int64 // refused and postponed
	dropped                                      map[string]int64
	otherSchool, otherLevel, otherSubject, verbs int64                     // unmapped
	last                                         time.Time                 // when a statement was accepted
	samples                                      map[string]quality.Sample // by code, not yet reported
}

// Accepted is the tally of so many statements that come now.
func Accepted(n int, now time.Time) Tally { return Tally{accepted: int64(n), last: now} }

// Drop notes why a statement is not sent on.
func (t *Tally) Drop(reason mapping.Drop) {
	if t.dropped == nil {
		t.dropped = map[string]int64{}
	}
	t.dropped[string(reason)]++
}

// Dropped is why the statement of a tally of one is not sent on, "" when it is.
func (t *Tally) Dropped() string {
	for reason := range t.dropped {
		return reason
	}
	return ""
}

// Unmapped notes what the mapping did not find.
func (t *Tally) Unmapped(e *event.Event, verbKnown bool) {
	if e.School == 0 {
		t.otherSchool++
	}
	if e.Level == 0 {
		t.otherLevel++
	}
	if e.Subject == 0 {
		t.otherSubject++
	}
	if !verbKnown {
		t.verbs++
	}
}

// Missing lists the fields without a known value.
func (t *Tally) Missing() []string {
	others := t.others()
	maps.DeleteFunc(others, func(_ string, n int64) bool { return n == 0 })
	return slices.Sorted(maps.Keys(others))
}

func (t *Tally) clone() Tally {
	c := *t
	c.byCode, c.dropped, c.samples = maps.Clone(t.byCode), maps.Clone(t.dropped), maps.Clone(t.samples)
	return c
}

// others lists the unmapped counts by field.
func (t *Tally) others() map[string]int64 {
	return map[string]int64{quality.School: t.otherSchool, quality.Level: t.otherLevel, quality.Subject: t.otherSubject, quality.Verb: t.verbs}
}
