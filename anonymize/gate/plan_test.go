package gate

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"brume/anonymize/budget"
	"brume/anonymize/noise"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/release"
)

// changedTo gives the year another plan in mid-year.
func changedTo(t *testing.T, y Year, change func(*policy.Policy)) Year {
	t.Helper()
	p, err := y.Plan.Policy.Clone()
	if err != nil {
		t.Fatal(err)
	}
	p.Name += " changed"
	change(p)
	return planned(t, p)
}

// under requires that a release is out under a plan.
func (s *sim) under(c policy.Cadence, index int, y Year) *release.Release {
	s.t.Helper()
	id := string(policy.ReleaseID(s.year.Plan.Policy.Windows(c)[index]))
	reserved, _ := s.chain().Reserved(id)
	committed, done := s.chain().Committed(id)
	public := s.public()[id]
	if !done || len(public) != 1 || reserved.Plan != y.Plan.PolicyHash {
		s.t.Fatalf("%s: committed %v, %d values, under plan %s, want %x", id, done, len(public), reserved.Plan, y.Plan.PolicyHash)
	}
	r, err := release.Decode(public[0], committed.Payload)
	if err != nil {
		s.t.Fatal(err)
	}
	if r.PolicyHash != ledger.Hash(y.Plan.PolicyHash).String() {
		s.t.Errorf("%s names policy %s", id, r.PolicyHash)
	}
	return r
}

func (s *sim) run() {
	s.t.Helper()
	if err := s.live(nil, fates{}, 1); err != nil {
		s.t.Fatal(err)
	}
}

// ★ What was folded or reserved under a plan is released under it, and charged
// once, whatever plan the year has since.
func TestWindowsKeepTheirPlan(t *testing.T) {
	before := simYear(t)
	after := changedTo(t, before, func(p *policy.Policy) { p.Families[0].Share = 0.1 })
	s := newSim(t, before, 1)
	s.sendThrough(policy.YearStream, 0)
	s.run()
	s.sendThrough(policy.YearStream, 1)
	w := before.Plan.Policy.Windows(policy.Weekly)[1] // reserved by a gate that died
	g := (&life{sim: s}).gate()
	if err := errors.Join(g.Start(context.Background()), g.readPartials(context.Background())); err != nil {
		t.Fatal(err)
	}
	id := string(policy.ReleaseID(w))
	in, err := g.open(id, before, before.Plan.Layout(before.Registry, w).Len())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.book.Reserve(t.Context(), reservation(id, before, w, in)); err != nil {
		t.Fatal(err)
	}
	s.plans = []Year{before, after}
	s.run()
	s.under(policy.Weekly, 1, before)
	s.year = after
	s.sendThrough(policy.YearStream, 2)
	s.run()
	s.under(policy.Weekly, 2, after)
	s.under(policy.Periodic, 0, after)
	week := func(y Year) int64 { return y.Plan.Families[0].CostNanoMu2 }
	want := week(before) + week(after) // B: weeks 37 and 38
	for _, f := range before.Plan.Families[1:] {
		want += f.CostNanoMu2
	}
	if got := s.chain().SpentByZone(schoolYear)["B"]; got != want {
		t.Errorf("zone B spent %d, want %d", got, want)
	}
	s.plans = []Year{before}
	if err := s.live(nil, fates{}, 1); !errors.Is(err, ledger.ErrYear) {
		t.Errorf("the plan before came back: got %v, want ErrYear", err)
	}
}

// ★ A ledger that never saw the first of several plans opens the year under it,
// too: what was folded under it is released, once.
func TestPlansThatTheLedgerNeverSaw(t *testing.T) {
	before := simYear(t)
	middle := changedTo(t, before, func(p *policy.Policy) { p.Name, p.Families[0].Share = "middle", 0.2 })
	after := changedTo(t, before, func(p *policy.Policy) { p.Families[0].Share = 0.1 })
	s := newSim(t, before, 1)
	s.plans = []Year{before, middle, after}
	s.sendThrough(policy.Weekly, 0)
	s.run()
	s.under(policy.Weekly, 0, before)
	want := []ledger.Hash{before.Plan.PolicyHash, middle.Plan.PolicyHash, after.Plan.PolicyHash}
	if got := s.chain().Plans(schoolYear); !slices.Equal(got, want) {
		t.Errorf("the ledger has %v", got)
	}
	s.run() // again: nothing new
	s.plans = []Year{middle, before, after}
	s.run() // what is known and replaced is not opened again
	if got := s.chain().Plans(schoolYear); !slices.Equal(got, want) {
		t.Errorf("the ledger has %v", got)
	}
}

// ★ Sums that were clipped under one plan never leave under another's noise.
func TestSumsOfAnotherPlanAreRefused(t *testing.T) {
	before := simYear(t)
	s := newSim(t, before, 1)
	s.sendThrough(policy.Weekly, 0)
	s.plans = []Year{changedTo(t, before, func(p *policy.Policy) { p.Families[0].Share = 0.1 })}
	if err := s.live(nil, fates{}, 1); !errors.Is(err, ErrPlan) {
		t.Errorf("got %v, want ErrPlan", err)
	}
	if got := s.chain().Releases(); len(got) != 0 {
		t.Errorf("reserved %v", got)
	}
}

// ★ A stream that a changed plan leaves as it is goes on without a charge; under
// another price it stops until it has a new name, and then pays on top.
func TestStreamsOfAChangedPlan(t *testing.T) {
	before := simYear(t)
	for name, c := range map[string]struct {
		change func(*policy.Policy)
		on     bool // it goes on
		charge int  // families that are charged once more
	}{
		"as it is":      {func(p *policy.Policy) { p.Families[0].Share = 0.1 }, true, 0},
		"another price": {func(p *policy.Policy) { p.Families[2].Share = 0.1 }, false, 0},
		"a new name":    {func(p *policy.Policy) { p.Families[2].Share, p.Families[2].Name = 0.1, "ever_anew" }, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSim(t, before, 1)
			s.sendThrough(policy.YearStream, 1)
			s.run()
			s.year = changedTo(t, before, c.change)
			s.plans = []Year{before, s.year}
			s.sendThrough(policy.YearStream, 2)
			s.run()
			s.under(policy.Weekly, 2, s.year)
			w := s.year.Plan.Policy.Windows(policy.YearStream)[2]
			r, ok := s.chain().Reserved(string(policy.ReleaseID(w)))
			if ok != c.on || len(r.Costs) != 2*c.charge {
				t.Fatalf("reserved %v with costs %v", ok, r.Costs)
			}
			if !c.on {
				return
			}
			for i, cell := range s.under(policy.YearStream, 2, s.year).Cells {
				m, done := s.chain().Committed(string(r.Release))
				if !done {
					t.Fatal("not committed")
				}
				if cell.Family != "ever_anew" {
					continue
				}
				if z := s.draws(m, cell.Family, w)[i]; cell.Value != total(0, i, w)+total(1, i, w)+int64(math.Round(z)) {
					t.Errorf("cell %d: the first step's noise is not its own draw", i)
				}
			}
		})
	}
}

// ★ A plan without streams may be changed for one with some: they begin then.
func TestStreamsBeginInMidYear(t *testing.T) {
	after := simYear(t)
	before := changedTo(t, after, func(p *policy.Policy) { p.Families = p.Families[:2] })
	s := newSim(t, before, 1)
	s.plans = []Year{before}
	s.sent[0], s.sent[1] = 0, 0
	for k, w := range s.windows() {
		if w.Cadence == policy.Weekly && w.Index < 2 {
			for p := range partitions {
				s.send(p, k)
			}
		}
	}
	s.run()
	s.year, s.plans = after, []Year{before, after}
	for k, w := range s.windows() {
		if w.Index >= 2 && w.Cadence != policy.Periodic {
			for p := range partitions {
				s.send(p, k)
			}
		}
	}
	s.run()
	s.under(policy.YearStream, 2, after)
	s.under(policy.YearStream, 3, after)
	var want int64
	for _, c := range budget.Costs(after.Plan, after.Plan.Policy.Windows(policy.YearStream)[2]) {
		if c.Zone == "A" {
			want += c.Nano
		}
	}
	spent := int64(0)
	for _, id := range []string{"2026-2027-stream-w38", "2026-2027-stream-w39"} {
		r, _ := s.chain().Reserved(id)
		for _, c := range r.Costs {
			if c.Zone == "A" {
				spent += c.Nano
			}
		}
	}
	if spent != want {
		t.Errorf("zone A paid %d for its streams, want %d", spent, want)
	}
}

// TestNoiseIsCheckedBeforeAnythingIsCharged: a gate whose library would draw
// another noise than the plan's refuses to start. Found out later, it would have
// charged a release that can never be drawn.
func TestNoiseIsCheckedBeforeAnythingIsCharged(t *testing.T) {
	for _, sigma := range []float64{0, noise.MinSigma / 2, 2 * noise.MaxSigma, math.NaN()} {
		y := simYear(t)
		plan := *y.Plan
		plan.Families = slices.Clone(plan.Families)
		plan.Families[len(plan.Families)-1].Sigma = sigma
		y.Plan = &plan
		s := newSim(t, y, 1)
		s.sendThrough(policy.YearStream, 0)
		if err := s.live(nil, fates{}, 1); !errors.Is(err, noise.ErrSigma) {
			t.Errorf("σ = %v: got %v, want ErrSigma", sigma, err)
		}
		if len(s.chain().Releases()) > 0 || len(s.chain().Years()) > 0 {
			t.Errorf("σ = %v: something was written to the ledger", sigma)
		}
	}
}
