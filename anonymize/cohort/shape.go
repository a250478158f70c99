package cohort

import (
	"slices"

	"brume/schemas/event"
	"brume/schemas/policy"
)

// dims is a set of dimensions.
type dims uint8

const (
	byLevel dims = 1 << iota
	bySubject
	byTool
)

// split is one way in which families of a cadence split their cells, with all
// that a row keeps of a pupil in each cell. Families of the same dimensions
// share it, so that they choose the same cells.
type split struct {
	dims      dims
	k         int    // most cells kept of one pupil: the largest Cells of its families
	domain    uint32 // cells are 0…domain-1
	unleveled uint32 // cells below are of no known level

	active, outcomes, minutes, scores bool // what its families count
}

// shape is what rows of one cadence hold.
type shape []split

// splitsOf returns the shape of a cadence, and for each family of the plan the
// index of its split: -1 when it has another cadence, or needs no cell because
// it counts every pupil who has a row.
func (y *Year) splitsOf(cadence policy.Cadence) (s shape, of []int) {
	for i := range y.Plan.Families {
		f := &y.Plan.Families[i].Family
		of = append(of, -1)
		if f.Cadence != cadence || f.Measure == policy.Active && len(f.By) == 0 {
			continue
		}
		d := dimsOf(f.By)
		at := slices.IndexFunc(s, func(p split) bool { return p.dims == d })
		if at < 0 {
			at = len(s)
			s = append(s, y.newSplit(d))
		}
		s[at].k = max(s[at].k, f.Cells)
		switch f.Measure {
		case policy.Active:
			s[at].active = true
		case policy.Outcomes:
			s[at].outcomes = true
		case policy.Minutes:
			s[at].minutes = true
		case policy.Scores:
			s[at].scores = true
		}
		of[i] = at
	}
	return s, of
}

func dimsOf(by []policy.Dimension) (d dims) {
	for _, name := range by {
		switch name {
		case policy.Level:
			d |= byLevel
		case policy.Subject:
			d |= bySubject
		case policy.Tool:
			d |= byTool
		}
	}
	return d
}

func (y *Year) newSplit(d dims) split {
	s := split{dims: d, domain: 1}
	if d&bySubject != 0 {
		s.domain *= y.subjects.len()
	}
	if d&byTool != 0 {
		s.domain *= y.tools.len()
	}
	if d&byLevel != 0 {
		s.unleveled = s.domain
		s.domain *= y.levels.len()
	}
	return s
}

// cell returns the cell of a split in which an event counts.
func (y *Year) cell(d dims, e *event.Event) (cell uint32) {
	if d&byLevel != 0 {
		cell = y.levels.of(uint16(e.Level))
	}
	if d&bySubject != 0 {
		cell = cell*y.subjects.len() + y.subjects.of(uint16(e.Subject))
	}
	if d&byTool != 0 {
		cell = cell*y.tools.len() + y.tools.of(e.Tool)
	}
	return cell
}

// ids returns the IDs that name a cell of a split; 0 for a dimension that it
// does not use.
func (y *Year) ids(d dims, cell uint32) (level, subject uint8, tool uint16) {
	if d&byTool != 0 {
		tool = y.tools.id[cell%y.tools.len()]
		cell /= y.tools.len()
	}
	if d&bySubject != 0 {
		subject = uint8(y.subjects.id[cell%y.subjects.len()])
		cell /= y.subjects.len()
	}
	if d&byLevel != 0 {
		level = uint8(y.levels.id[cell])
	}
	return level, subject, tool
}
