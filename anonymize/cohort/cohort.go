package cohort

import (
	"brume/anonymize/pseudonym"
	"brume/schemas/event"
	"brume/schemas/policy"
)

// The reasons for which an accepted statement is not folded.
const (
	DropIdentity  = "identity"    // the identifier is not in the policy's scope
	DropYear      = "out_of_year" // no configured school year holds it
	DropAfterYear = "after_year"  // its windows have all closed
	DropTooLate   = "too_late"    // more than the policy's late windows behind
	DropMeter     = "meter"       // the pupil has contributed to every window of the year
	DropObjection = "objection"
	DropErased    = "erased"
	DropUnread    = "quarantined" // the record could not be opened
	DropGap       = "gap"         // its window lost statements before, see Partition.Gap
	DropLost      = "lost"        // the log lost the record, control records included
)

// Cohort is one partition's state of one school year.
type Cohort struct {
	year     *Year
	pupils   pupils
	weeks    map[int]*week // open windows with an active pupil
	since    int64         // when the CONFIG record in force was signed, nanoseconds since 1970
	closed   int           // every weekly window up to this index is closed; -1: none
	gapped   int           // every open weekly window up to this index lost statements; -1: none
	objected tokens
	erased   tokens
}

// tokens is a set of the names that control records give to pupils.
type tokens map[[16]byte]struct{}

func newCohort(y *Year) *Cohort {
	return &Cohort{
		year: y, weeks: map[int]*week{}, closed: -1, gapped: -1,
		objected: tokens{}, erased: tokens{},
	}
}

// fold adds one event to its pupil's contribution.
func (c *Cohort) fold(p pseudonym.Pseudonym, e *event.Event) verdict {
	index, late, drop := c.window(e)
	v := verdict{drop: drop, told: drop, late: late}
	if drop == "" && index <= c.gapped {
		v.drop = DropGap // untold: it shows in which partition the pupil is
	}
	if refused := c.refused(p); refused != "" {
		v.drop = refused
	}
	if v.drop != "" {
		return v
	}
	home := c.school(e)
	w, row, ok := c.row(p, index, home)
	if !ok {
		v.drop = DropMeter
		return v
	}
	w.home[row] = chooseHome(c.year.keys[index], p, c.year, w.home[row], home)
	w.fold(row, e, c.year)
	return v
}

// window returns the open weekly window in which the event counts: its own, or
// the next open one of its zone when its own has closed.
func (c *Cohort) window(e *event.Event) (index int, late bool, drop string) {
	pol := c.year.Plan.Policy
	zone := c.year.Registry.ZoneOf(e.School, pol.Calendar.OtherZone)
	own, ok := pol.WindowFor(zone, policy.Weekly, e.Hour)
	if !ok {
		return 0, false, DropAfterYear
	}
	if own > c.closed {
		return own, false, ""
	}
	if c.closed-own >= pol.LateWindows {
		return 0, false, DropTooLate
	}
	next, ok := c.nextOpen(zone)
	if !ok {
		return 0, false, DropAfterYear
	}
	return next, true, ""
}

// nextOpen returns a zone's first open weekly window, in which its late
// statements count.
func (c *Cohort) nextOpen(zone string) (index int, ok bool) {
	for i := c.closed + 1; i < len(c.year.weeks); i++ {
		if c.year.Plan.Policy.InSession(zone, c.year.weeks[i]) {
			return i, true
		}
	}
	return 0, false
}

// school returns the registry index of the event's school.
func (c *Cohort) school(e *event.Event) int32 {
	if i, ok := c.year.Registry.SchoolIndex(e.School); ok {
		return int32(i)
	}
	return otherSchool
}

// row finds or makes the pupil's row in a window; the yearly meter refuses a
// pupil who has contributed to as many windows as the plan pays for.
func (c *Cohort) row(p pseudonym.Pseudonym, index int, home int32) (*week, int, bool) {
	w := c.weeks[index]
	if w == nil {
		w = &week{}
		c.weeks[index] = w
	}
	pupil, known := c.pupils.find(p)
	if known {
		if row, ok := w.row(pupil); ok {
			return w, row, true
		}
		if int(c.pupils.meter[pupil]) >= c.year.meter {
			return nil, 0, false
		}
	} else {
		pupil = c.pupils.add(p)
	}
	c.pupils.meter[pupil]++
	return w, w.add(pupil, home, c.year.subjects.len()), true
}

// refused returns why nothing of the pupil may be folded, or "".
func (c *Cohort) refused(p pseudonym.Pseudonym) string {
	if len(c.objected)+len(c.erased) == 0 {
		return ""
	}
	token := c.year.key.Token(p)
	if _, ok := c.objected[token]; ok {
		return DropObjection
	}
	if _, ok := c.erased[token]; ok {
		return DropErased
	}
	return ""
}

// object makes every further statement of the pupil be dropped.
func (c *Cohort) object(token [16]byte) { c.objected[token] = struct{}{} }

// erase forgets the pupil's open contributions and leaves a tombstone that
// refuses further ones; the meter stays.
func (c *Cohort) erase(token [16]byte) {
	c.erased[token] = struct{}{}
	for pupil, p := range c.pupils.ids {
		if c.year.key.Token(p) != token {
			continue
		}
		for _, w := range c.weeks {
			if row, ok := w.row(uint32(pupil)); ok {
				w.clear(row, c.year.subjects.len())
			}
		}
	}
}
