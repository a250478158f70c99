package policy

import (
	"errors"
	"testing"
)

// TestTheSamplersPartOfDelta: the built-in plans are far within what is kept for
// the sampler, and no plan goes beyond it.
func TestTheSamplersPartOfDelta(t *testing.T) {
	for _, name := range BuiltIn() {
		p, err := Default(name)
		if err != nil {
			t.Fatal(err)
		}
		plan, draws := planOf(t, p), 0
		for _, f := range plan.Families {
			n, shift := f.moved(1)
			draws += n
			if shift > 0.3 {
				t.Errorf("%s, %s: one pupil moves a draw by %.2f σ", name, f.Name, shift)
			}
		}
		if draws < 1000 || draws > 3000 {
			t.Errorf("%s: one pupil moves %d draws", name, draws)
		}
	}
}

// TestPlansBeyondTheSampler: ε = 16 on a single figure is noise of half a pupil,
// whose cut tails weigh more than 1e-11; histograms in 1,200 cells a
// week are 432,000 draws.
func TestPlansBeyondTheSampler(t *testing.T) {
	p, err := Default("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	p, err = p.Clone()
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Calendar.Zones {
		z := &p.Calendar.Zones[i]
		z.HalfTerms = []HalfTerm{{Name: "P1", First: z.Weeks[0], Last: z.Weeks[len(z.Weeks)-1]}}
	}
	one := Family{Name: "one", Cadence: Periodic, Area: BySchool, Measure: Active, Cells: 1, Cap: 1, Share: 1}
	p.Epsilon, p.Delta, p.Families = 16, 1e-7, []Family{one}
	if _, err := p.Plan(); !errors.Is(err, errSampler) {
		t.Errorf("tails: got %v", err)
	}
	p.Epsilon = 8
	if _, err := p.Plan(); err != nil {
		t.Errorf("half as much: %v", err)
	}
	p.Epsilon = 0.5
	many := Family{Name: "many", Cadence: Weekly, Area: ByDepartment, By: []Dimension{Subject, Tool}, Measure: Scores, Cells: 1200, Cap: 1000, Share: 1, Force: true}
	p.Families = []Family{many}
	if _, err := p.Plan(); !errors.Is(err, errSampler) {
		t.Errorf("draws: got %v", err)
	}
}
