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
	year      *Year // under its present plan
	stretches []stretch
	limits    [cadences]int64 // what a zone is charged at most for the year's windows, 1e-9 μ²
	pupils    pupils
	open      [cadences]map[int]*rows // open windows with an active pupil
	closed    [cadences]int           // every window up to this index is closed; -1: none
	gapped    [cadences]int           // every open window up to this index lost statements; -1: none
	ever      map[int32]int64         // by home school: pupils counted as active so far this year
	since     int64                   // when the CONFIG record in force was signed, nanoseconds since 1970
	objected  tokens
	erased    tokens

	chooser chooser // the rest is no state: it saves making room
	row     row
	packed  []byte
}

// tokens is a set of the names that control records give to pupils.
type tokens map[[16]byte]struct{}

// newCohort returns a cohort that MUST be given a stretch before anything else.
func newCohort() *Cohort {
	return &Cohort{
		open: [cadences]map[int]*rows{{}, {}}, closed: [cadences]int{-1, -1}, gapped: [cadences]int{-1, -1},
		ever: map[int32]int64{}, objected: tokens{}, erased: tokens{},
	}
}

// fold adds one event to its pupil's contributions. The weeks decide whether it
// counts; half-terms follow.
func (c *Cohort) fold(p pseudonym.Pseudonym, e *event.Event) verdict {
	zone := c.year.Registry.ZoneOf(e.School, c.year.Plan.Policy.Calendar.OtherZone)
	index, late, drop := c.week(zone, e)
	v := verdict{drop: drop, told: drop, late: late}
	if drop == "" && index <= c.gapped[weekly] {
		v.drop = DropGap // untold: it shows in which partition the pupil is
	}
	if refused := c.refused(p); refused != "" {
		v.drop = refused
	}
	if v.drop != "" {
		return v
	}
	pupil := c.pupils.of(p)
	if !c.contribute(weekly, index, pupil, e) {
		v.drop = DropMeter
		return v
	}
	if i, ok := c.halfTerm(zone, e); ok && i > c.gapped[periodic] {
		c.contribute(periodic, i, pupil, e)
	}
	return v
}

// contribute adds an event to the pupil's row in a window, unless the yearly
// meter refuses.
func (c *Cohort) contribute(cadence, index int, pupil uint32, e *event.Event) bool {
	y := &c.under(cadence, index).cadences[cadence]
	w := c.open[cadence][index]
	if w == nil {
		w = &rows{}
		c.open[cadence][index] = w
	}
	c.chooser.of(y.keys[index], c.pupils.ids[pupil])
	school, r := c.school(e), &c.row
	if packed := w.get(pupil); packed != nil {
		r.parse(packed, y.shape, len(c.year.Registry.Schools))
		r.home = c.chooser.home(c.year, r.home, school)
	} else {
		if !c.meter(cadence, index, pupil) {
			return false
		}
		r.reset(y.shape)
		r.home = school
	}
	for i := range y.shape {
		s := &y.shape[i]
		if !s.counts(e) {
			continue
		}
		cells, in := c.chooser.touch(s, r.cells[i], c.year.cell(s.dims, e))
		if r.cells[i] = cells; in != nil {
			in.add(s, e)
		}
	}
	c.packed = r.append(c.packed[:0], y.shape)
	w.put(pupil, c.packed)
	return true
}

// week returns the open weekly window in which the event counts: its own, or
// the next open one of its zone when its own has closed.
func (c *Cohort) week(zone string, e *event.Event) (index int, late bool, drop string) {
	pol := c.year.Plan.Policy
	own, ok := pol.WindowFor(zone, policy.Weekly, e.Hour)
	if !ok {
		return 0, false, DropAfterYear
	}
	if own > c.closed[weekly] {
		return own, false, ""
	}
	if c.closed[weekly]-own >= pol.LateWindows {
		return 0, false, DropTooLate
	}
	next, ok := c.nextOpen(weekly, zone)
	if !ok {
		return 0, false, DropAfterYear
	}
	return next, true, ""
}

// halfTerm returns the open half-term in which an event counts that counts in a
// week: its own, or the next open one of its zone, if there is any and its plan
// has half-terms.
func (c *Cohort) halfTerm(zone string, e *event.Event) (index int, ok bool) {
	index, ok = c.year.Plan.Policy.WindowFor(zone, policy.Periodic, e.Hour)
	if ok && index <= c.closed[periodic] {
		index, ok = c.nextOpen(periodic, zone)
	}
	return index, ok && c.under(periodic, index).cadences[periodic].kept
}

// nextOpen returns a zone's first open window of a cadence, in which its late
// statements count.
func (c *Cohort) nextOpen(cadence int, zone string) (index int, ok bool) {
	windows := c.year.cadences[cadence].windows
	for i := c.closed[cadence] + 1; i < len(windows); i++ {
		if c.year.Plan.Policy.InSession(zone, windows[i]) {
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
// refuses further ones. The meters stay, and so does what a year stream has
// released: who is counted there stays counted.
func (c *Cohort) erase(token [16]byte) {
	c.erased[token] = struct{}{}
	for pupil, p := range c.pupils.ids {
		if c.year.key.Token(p) != token {
			continue
		}
		for cadence := range c.open {
			for i, w := range c.open[cadence] {
				if w.get(uint32(pupil)) != nil {
					gone, shape := row{home: erased}, c.under(cadence, i).cadences[cadence].shape
					gone.reset(shape)
					w.put(uint32(pupil), gone.append(nil, shape))
				}
			}
		}
	}
}
