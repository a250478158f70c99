package privacy

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"brume/cmd/brume/audit/truth"
	"brume/schemas/policy"
	"brume/schemas/release"
)

// The faults that need no statistics.
var (
	ErrTwice   = errors.New("two values of one window")
	ErrUnknown = errors.New("a cell that the plan does not have")
)

// Auditor compares a year's releases with what it knows was sent.
type Auditor struct {
	plan     *policy.Plan
	canaries []*Canary
	areas    map[string]*Canary // each by its school and by its department
	families map[string]*Residuals
	steps    map[truth.Cell]*stream
	taken    map[string]bool // cadence and label
}

// stream is one cell of a year stream over the windows of its own zone.
type stream struct{ beyond, canary []float64 }

// New returns an auditor of a plan's releases. A canary's cells are those of
// its areas, which MUST be its alone.
func New(plan *policy.Plan) *Auditor {
	a := &Auditor{plan: plan, areas: map[string]*Canary{}, families: map[string]*Residuals{}, steps: map[truth.Cell]*stream{}, taken: map[string]bool{}}
	for _, f := range plan.Families {
		a.families[f.Name] = NewResiduals(f.Sigma, f.Cadence != policy.YearStream)
	}
	return a
}

// Plant registers a school's canary under the areas that it counts in.
func (a *Auditor) Plant(inserted bool, areas ...string) {
	c := &Canary{Inserted: inserted}
	a.canaries = append(a.canaries, c)
	for _, area := range areas {
		a.areas[area] = c
	}
}

// Take compares one release with the clipped sums of all that was sent, and
// with those of every school's canary, inserted or not. Releases MUST come in
// the order of their windows.
func (a *Auditor) Take(r *release.Release, sent, canaries truth.Sums) error {
	name := r.Cadence + " " + r.Window
	if a.taken[name] {
		return fmt.Errorf("release %s: %w", r.ID, ErrTwice)
	}
	a.taken[name] = true
	for _, f := range a.families {
		f.Window()
	}
	for _, c := range r.Cells {
		f, known := a.plan.Family(c.Family)
		if !known || string(f.Cadence) != r.Cadence {
			return fmt.Errorf("release %s: family %s: %w", r.ID, c.Family, ErrUnknown)
		}
		cell := truth.Cell{Family: c.Family, Area: c.Area, Level: c.Level, Subject: c.Subject, Tool: c.Tool, Measure: c.Measure}
		beyond, canary := float64(c.Value-sent[cell]), float64(canaries[cell])
		if f.Cadence != policy.YearStream {
			a.add(cell, f.Sigma, beyond, canary)
			continue
		}
		s := a.steps[cell]
		if s == nil {
			s = &stream{}
			a.steps[cell] = s
		}
		s.beyond, s.canary = append(s.beyond, beyond), append(s.canary, canary)
	}
	return nil
}

// add takes one figure with independent noise.
func (a *Auditor) add(cell truth.Cell, sigma, beyond, canary float64) {
	a.families[cell.Family].Add(cell.Area+" "+cell.Level+" "+cell.Subject+" "+cell.Tool+" "+cell.Measure, beyond)
	if c := a.areas[cell.Area]; c != nil && canary != 0 {
		if c.Inserted {
			beyond += canary // beyond the truth without it
		}
		c.observe(canary, beyond, sigma)
	}
}

// whitened takes the streams, whitened: once, after the last release.
func (a *Auditor) whitened() {
	cells := slices.SortedFunc(maps.Keys(a.steps), func(x, y truth.Cell) int {
		return strings.Compare(x.Family+" "+x.Area, y.Family+" "+y.Area)
	})
	for t, more := 0, true; more; t++ {
		more = false
		for _, f := range a.families {
			f.Window()
		}
		for _, cell := range cells {
			s := a.steps[cell]
			if t == 0 {
				s.beyond, s.canary = whiten(s.beyond), whiten(s.canary)
			}
			if t < len(s.beyond) {
				f, _ := a.plan.Family(cell.Family)
				a.add(cell, f.Sigma, s.beyond[t], s.canary[t])
				more = true
			}
		}
	}
	clear(a.steps)
}

// Report concludes. Claim is the μ that was charged for what was taken. No
// release may be taken afterwards.
func (a *Auditor) Report(claim, confidence float64) Report {
	a.whitened()
	g := guess(a.canaries)
	r := Report{
		Claim: claim, Confidence: confidence, Guesses: g, Estimate: g.Estimate(),
		LowerBound: g.LowerBound(confidence), Presence: presence(a.canaries), Releases: len(a.taken),
	}
	for _, c := range a.canaries {
		r.Planned = max(r.Planned, c.Mu())
	}
	for _, f := range a.plan.Families {
		if residuals := a.families[f.Name]; len(residuals.x) > 0 {
			ratio, standard := residuals.Ratio()
			r.Families = append(r.Families, Family{
				Name: f.Name, Cells: len(residuals.x), Sigma: f.Sigma, Ratio: ratio,
				Allowed: math.Max(0.01, 4*standard), Faults: texts(residuals.Faults()),
			})
		}
	}
	return r
}

func texts(faults []error) (out []string) {
	for _, f := range faults {
		out = append(out, f.Error())
	}
	return out
}
