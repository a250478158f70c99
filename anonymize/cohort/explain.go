package cohort

import (
	"brume/anonymize/pseudonym"
	"brume/schemas/policy"
)

// Held is all that a partition holds of one pupil in one school year, for the
// pupil's right of access. It names nobody, and states facts about somebody:
// callers MUST show it to whoever asked and to nobody else.
type Held struct {
	Objected  bool
	Erased    bool
	Known     bool // the pupil is in the year's table
	Weeks     int  // weekly windows contributed to, for the yearly meter
	HalfTerms int  // half-terms, likewise
	Counted   bool // in the year streams
	Open      []HeldWindow
}

// HeldWindow is the pupil's contribution to an open window.
type HeldWindow struct {
	Window policy.Window
	Erased bool   // nothing is left of it
	School string // UAI of the home school, "" when it is not in the registry
	Cells  []HeldCell
}

// HeldCell is the part of a window's contribution that falls into one cell.
// Several cells may tell of the same statements, each by other dimensions.
type HeldCell struct {
	ByLevel, BySubject, ByTool bool
	Level, Subject             uint8
	Tool                       uint16
	Successes, Failures        int
	Seconds                    int
	Scores                     [scoreBins]int // of ten equal bins
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
	h.Known, h.Counted = true, c.pupils.ever[place]
	h.Weeks, h.HalfTerms = c.pupils.metered(weekly, place), c.pupils.metered(periodic, place)
	for cadence := range c.open {
		for i, window := range c.year.cadences[cadence].windows {
			if w := c.open[cadence][i]; w != nil {
				if packed := w.get(place); packed != nil {
					h.Open = append(h.Open, c.held(packed, cadence, window))
				}
			}
		}
	}
	return h
}

// held describes one packed row.
func (c *Cohort) held(packed []byte, cadence int, window policy.Window) HeldWindow {
	h := HeldWindow{Window: window}
	var r row
	shape := c.under(cadence, window.Index).cadences[cadence].shape
	if _, ok := r.parse(packed, shape, len(c.year.Registry.Schools)); !ok {
		return h // restoring refuses such a row
	}
	h.Erased = r.home == erased
	if r.home >= 0 {
		h.School = c.year.Registry.Schools[r.home].UAI.String()
	}
	for i := range shape {
		for _, s := range r.cells[i] {
			h.Cells = append(h.Cells, c.year.heldCell(shape[i].dims, &s))
		}
	}
	return h
}

func (y *Year) heldCell(d dims, s *slot) HeldCell {
	h := HeldCell{
		ByLevel: d&byLevel != 0, BySubject: d&bySubject != 0, ByTool: d&byTool != 0,
		Successes: int(s.outcomes[0]), Failures: int(s.outcomes[1]), Seconds: int(s.seconds),
	}
	h.Level, h.Subject, h.Tool = y.ids(d, s.cell)
	for i, n := range s.scores {
		h.Scores[i] = int(n)
	}
	return h
}
