package policy

import (
	"errors"
	"testing"
)

func planOf(t testing.TB, p *Policy) *Plan {
	t.Helper()
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func through(t testing.TB, p *Policy, week string) Window {
	t.Helper()
	w, err := p.ParseThrough(week)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestChangeToItself: a change that changes nothing leaves the year's cost what
// it was, wherever it falls; and what is spent grows to it.
func TestChangeToItself(t *testing.T) {
	plan := planOf(t, designPolicy(t))
	year, spent := int64(0), int64(0)
	for _, f := range plan.Families {
		year += f.YearNano()
	}
	for _, w := range plan.Policy.Windows(Weekly) {
		c, err := plan.Against(plan, w)
		if err != nil {
			t.Fatal(err)
		}
		for _, z := range c.Zones {
			if z.YearNano != year || !c.Fits || c.Epsilon > 4 {
				t.Fatalf("after %s: %+v, want a year of %d", w.Label, z, year)
			}
		}
		if now := c.Zones[0].SpentNano; now < spent || c.Scale < 1 {
			t.Fatalf("after %s: spent %d after %d, scale %v", w.Label, now, spent, c.Scale)
		}
		spent = c.Zones[0].SpentNano
	}
	if spent != year {
		t.Errorf("the whole year spent %d of %d", spent, year)
	}
}

// TestChangeIsChargedOnTop follows one change by hand. Zone A has closed 10
// weeks through 2026-W47; one half-term is over and a second has begun.
func TestChangeIsChargedOnTop(t *testing.T) {
	old := planOf(t, designPolicy(t))
	cost := func(plan *Plan, name string) int64 {
		f, ok := plan.Family(name)
		if !ok {
			t.Fatalf("no family %s", name)
		}
		return f.CostNanoMu2
	}
	more := designPolicy(t)
	more.Families[12].Share = 0.04
	if _, err := planOf(t, more).Against(old, through(t, old.Policy, "2026-W47")); !errors.Is(err, ErrChange) {
		t.Errorf("a stream that has begun changes its σ: %v", err)
	}
	for i := range more.Families {
		switch f := &more.Families[i]; f.Name {
		case "school_week_active":
			f.Share = 0.30
		case "school_stream_ever_active":
			f.Name, f.Share = "school_stream_again", 0.11
		}
	}
	plan := planOf(t, more)
	c, err := plan.Against(old, through(t, old.Policy, "2026-W47"))
	if err != nil {
		t.Fatal(err)
	}
	spent, ahead := int64(0), int64(0)
	for _, f := range old.Families {
		windows := map[Cadence]int64{Weekly: 10, Periodic: 2, YearStream: 1}[f.Cadence]
		spent += windows * f.CostNanoMu2
		ahead += (int64(f.Windows) - windows) * f.CostNanoMu2
	}
	ahead += 26 * (cost(plan, "school_week_active") - cost(old, "school_week_active"))
	ahead += cost(plan, "school_stream_again") // begins anew: paid in full
	if z := c.Zones[0]; z.Zone != "A" || z.SpentNano != spent || z.AheadNano != ahead {
		t.Errorf("%+v, want %d spent, %d ahead", z, spent, ahead)
	}
	if c.Fits != (spent+ahead <= plan.LimitNano) || c.Fits {
		t.Errorf("fits %v: the sum is %d, the limit %d", c.Fits, spent+ahead, plan.LimitNano)
	}
	// Scaled as it says, it fits: each share is rounded down to a whole cost.
	for i := range more.Families {
		more.Families[i].Share *= c.Scale
		more.Families[i].Force = true
	}
	scaled, err := planOf(t, more).Against(old, through(t, old.Policy, "2026-W47"))
	if err != nil || !scaled.Fits || scaled.Epsilon > 4 || scaled.Epsilon < 3.999 {
		t.Errorf("scaled by %v: ε = %v, fits %v (%v)", c.Scale, scaled.Epsilon, scaled.Fits, err)
	}
}

// TestChangeToLess: once more is spent than the new policy promises, nothing fits.
func TestChangeToLess(t *testing.T) {
	less := mustDefault(t, "2026-2027-epsilon-2")
	less.Families[11].Name = "school_stream_again"
	old, plan := planOf(t, designPolicy(t)), planOf(t, less)
	c, err := plan.Against(old, through(t, old.Policy, "2027-W14"))
	if err != nil || c.Fits || c.Scale != 0 || c.Epsilon < 2 {
		t.Errorf("%+v, %v", c, err)
	}
	other := planOf(t, mustDefault(t, "2021-2022-epsilon-4"))
	if _, err := other.Against(old, through(t, old.Policy, "2027-W14")); !errors.Is(err, ErrChange) {
		t.Errorf("another school year: %v", err)
	}
}
