package cohort

import (
	"math/bits"

	"brume/anonymize/pseudonym"
	"brume/schemas/policy"
)

// Held is all that a partition holds of one pupil in one school year, for the
// pupil's right of access. It names nobody, and states facts about somebody:
// callers MUST show it to whoever asked and to nobody else.
type Held struct {
	Objected bool
	Erased   bool
	Known    bool // the pupil is in the year's table
	Meter    int  // weekly windows contributed to
	Weeks    []HeldWeek
}

// HeldWeek is the pupil's contribution to an open weekly window.
type HeldWeek struct {
	Window   policy.Window
	Erased   bool   // nothing is left of it
	School   string // UAI of the home school, "" when it is not in the registry
	Levels   []uint8
	Outcomes []HeldOutcome // of the subjects with any
}

// HeldOutcome is what was answered in a subject, up to 65,535 each.
type HeldOutcome struct {
	Subject             uint8
	Failures, Successes int
}

// Held returns what the partition holds of a pupil in a school year.
func (p *Partition) Held(year string, pupil pseudonym.Pseudonym) Held {
	c, ok := p.years[year]
	if !ok {
		return Held{}
	}
	token := c.year.key.Token(pupil)
	var h Held
	_, h.Objected = c.objected[token]
	_, h.Erased = c.erased[token]
	place, known := c.pupils.find(pupil)
	if !known {
		return h
	}
	h.Known, h.Meter = true, int(c.pupils.meter[place])
	for i, window := range c.year.weeks {
		if w := c.weeks[i]; w != nil {
			if row, ok := w.row(place); ok {
				h.Weeks = append(h.Weeks, c.held(w, row, window))
			}
		}
	}
	return h
}

// held describes one row of a week.
func (c *Cohort) held(w *week, row int, window policy.Window) HeldWeek {
	h := HeldWeek{Window: window, Erased: w.home[row] == erased}
	if home := w.home[row]; home >= 0 {
		h.School = c.year.Registry.Schools[home].UAI.String()
	}
	for set := w.levels[row]; set != 0; set &= set - 1 {
		h.Levels = append(h.Levels, c.year.levels.id[bits.TrailingZeros64(set)])
	}
	subjects := c.year.subjects
	counts := w.outcomes[2*row*subjects.len() : 2*(row+1)*subjects.len()]
	for slot := range subjects.len() {
		if o := (HeldOutcome{subjects.id[slot], int(counts[2*slot]), int(counts[2*slot+1])}); o.Failures+o.Successes > 0 {
			h.Outcomes = append(h.Outcomes, o)
		}
	}
	return h
}
