package policy

import (
	"fmt"
	"math"
)

// publishable is the widest 95 % half-width, relative to the value, of a figure
// that is shown on its own.
const publishable = 0.30

// ExpectedError is the error of a typical cell at one level of the geography.
type ExpectedError struct {
	Level       string  `json:"level"`
	Pupils      int     `json:"pupils"`
	Value       float64 `json:"value"`    // of a typical cell, in units
	Error       float64 `json:"error"`    // standard deviation of its noise, in units
	Relative    float64 `json:"relative"` // Error / Value
	HalfWidth   float64 `json:"half_width_95"`
	Publishable bool    `json:"publishable"` // half-width within 30 % of the value
}

// unit names what a family's values count. Scores are in fixed point: a cap is
// one pupil.
func (f Family) unit() string {
	switch f.Measure {
	case Outcomes:
		return "attempts"
	case Minutes:
		return "minutes"
	case Scores:
		return fmt.Sprintf("1/%d pupil", f.Cap)
	default:
		return "pupils"
	}
}

// errors lists the expected error at each level that the family reaches: its
// own areas, and their sums.
func (a Assumptions) errors(f FamilyPlan) []ExpectedError {
	var out []ExpectedError
	for _, l := range a.Levels {
		if areas := l.areas(f.Area); areas > 0 {
			out = append(out, a.expect(f, l, areas))
		}
	}
	return out
}

// best is the expected error of the largest typical area of the family's grain.
func (a Assumptions) best(f FamilyPlan) ExpectedError {
	var best ExpectedError
	for _, l := range a.Levels {
		if l.areas(f.Area) == 1 {
			best = a.expect(f, l, 1)
		}
	}
	return best
}

// expect computes the value of a typical cell and the standard deviation of its
// noise: active pupils spread evenly over the cells that they may touch.
//
// The figure of one area is its released cell, of deviation σ. That of a larger
// area is the sum of its areas' cells, whose noise is independent: √n·σ for n
// areas, the variance that aggregate.Estimates gives a sum. Where aggregate has
// two such sums of the same count it combines them, and errs less than is said
// here. A running total has the deviation of its last step, σ·√Σf_j²
// (FamilyPlan.SigmaAt), which is the largest of the year.
//
// The half-width is 1.96 deviations, and the bound on it is the one by which
// pages call a count unreliable (aggregate/query.DefaultLimits). What clipping
// and missing tools take away is not noise and not counted here.
func (a Assumptions) expect(f FamilyPlan, l TypicalArea, areas int) ExpectedError {
	mass := float64(l.Pupils) * a.Active
	switch f.Measure {
	case Outcomes, Minutes: // one joint cap, of which a typical pupil uses a part
		mass *= a.CapUse * float64(f.Cap)
	default:
		mass *= float64(f.Cells) * float64(f.Cap)
	}
	value := mass / float64(a.split(f.By, l)*len(f.Measure.Values()))
	deviation := f.SigmaAt(f.Steps-1) * math.Sqrt(float64(areas))
	e := ExpectedError{Level: l.Name, Pupils: l.Pupils, Value: value, Error: deviation, HalfWidth: 1.96 * deviation}
	e.Relative = e.Error / e.Value
	e.Publishable = e.HalfWidth <= publishable*e.Value
	return e
}
