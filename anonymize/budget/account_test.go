package budget

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	dp "github.com/google/differential-privacy/go/v3/noise"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"brume/anonymize/noise"
	"brume/schemas/ledger"
	"brume/schemas/policy"
)

func defaultPlan(t testing.TB) *policy.Plan {
	t.Helper()
	p, err := policy.Default("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	p.Families = p.Families[:3] // by week: half-terms and streams have tests of their own
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestCostsOfAWeek(t *testing.T) {
	plan := defaultPlan(t)
	var weeks []policy.Window
	for _, w := range plan.Policy.Windows(policy.Weekly) {
		if w.Label == "2027-W07" { // B only: A and C are on holiday
			weeks = append(weeks, w)
		}
	}
	got := Costs(plan, weeks[0])
	want := []Cost{
		{Family: "school_week_active", Zone: "B", Nano: plan.Families[0].CostNanoMu2},
		{Family: "department_week_active_by_level", Zone: "B", Nano: plan.Families[1].CostNanoMu2},
		{Family: "department_week_outcomes_by_subject", Zone: "B", Nano: plan.Families[2].CostNanoMu2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want, +got)\n%s", diff)
	}
	if got := Costs(plan, plan.Policy.Windows(policy.Periodic)[0]); len(got) != 0 {
		t.Fatalf("a half-term without families costs %v", got)
	}
}

// TestYearFitsTheLimit charges every release of the year: no zone is refused,
// each ends with exactly N times the cost, and ε is never above the promise.
func TestYearFitsTheLimit(t *testing.T) {
	plan := defaultPlan(t)
	account := NewAccount(plan.LimitNano)
	for _, w := range plan.Policy.Windows(policy.Weekly) {
		if err := account.Charge(Costs(plan, w)); err != nil {
			t.Fatal(err)
		}
	}
	want := int64(0)
	for _, f := range plan.Families {
		want += f.YearNano()
	}
	for _, zone := range []string{"A", "B", "C"} {
		if got := account.SpentBy(zone); got != want {
			t.Errorf("zone %s spent %d, want %d", zone, got, want)
		}
	}
	if account.Spent() != want || account.Remaining() != account.Limit()-want {
		t.Errorf("spent %d, remaining %d of %d", account.Spent(), account.Remaining(), account.Limit())
	}
	if epsilon := account.EpsilonSpent(plan.Policy.Delta); epsilon <= 0 || epsilon > plan.Policy.Epsilon {
		t.Errorf("ε spent = %v", epsilon)
	}
}

// TestFullSpendIsThePromise spends all of the limit: ε is the policy's, within
// the rounding of the limit to 1e-9 μ².
func TestFullSpendIsThePromise(t *testing.T) {
	plan := defaultPlan(t)
	account := NewAccount(plan.LimitNano)
	if err := account.Charge([]Cost{{Family: "all", Zone: "A", Nano: plan.LimitNano}}); err != nil {
		t.Fatal(err)
	}
	if epsilon := account.EpsilonSpent(1e-9); epsilon > 4 || epsilon < 4*(1-1e-8) {
		t.Errorf("ε spent = %v, want 4", epsilon)
	}
	if got := NewAccount(1).EpsilonSpent(1e-9); got != 0 {
		t.Errorf("ε of an empty account = %v", got)
	}
}

// ★ A year stream is charged by its first step, in every zone, and by no other.
func TestAStreamPaysOnceAYear(t *testing.T) {
	p, err := policy.Default("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	p.Families = p.Families[:3] // by week: half-terms and streams have tests of their own
	p.Families = append(slices.Clone(p.Families), policy.Family{
		Name: "ever", Cadence: policy.YearStream, Area: policy.BySchool, Measure: policy.Active, Cells: 1, Cap: 1, Share: 0.05,
	})
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	l := &logged{}
	if err := l.book().OpenYear(t.Context(), ledger.Year{
		Name: "2026-2027", LimitNano: plan.LimitNano, Facts: ledger.Facts{Partitions: 1},
	}); err != nil {
		t.Fatal(err)
	}
	for _, w := range plan.Policy.Windows(policy.YearStream) {
		id := string(policy.ReleaseID(w))
		for range 2 { // whoever adopts a step finds it as it was
			if _, err := l.synced(t).Reserve(t.Context(), ledger.Reserved{
				Release: id, Year: w.Year, Window: w.Label, Costs: Costs(plan, w), Streams: Streams(plan, w), Step: w.Index + 1, Inputs: make([]ledger.Hash, 1),
			}); err != nil {
				t.Fatalf("%s: %v", id, err)
			}
		}
		if _, err := l.synced(t).Commit(t.Context(), ledger.Committed{
			Release: id, Draft: "d", DraftKey: []byte{1}, Noise: []ledger.Noise{{Family: "ever"}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	chain := &l.synced(t).Chain
	spent := chain.SpentByZone("2026-2027")
	if chain.Spent("2026-2027") != plan.Families[3].CostNanoMu2 || len(spent) != 3 || len(chain.Releases()) != 40 {
		t.Errorf("spent %v on %d steps, want %d once a zone on 40", spent, len(chain.Releases()), plan.Families[3].CostNanoMu2)
	}
}

func TestChargeRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		costs []Cost
		want  error
		names string
	}{
		{"above the limit", []Cost{{Family: "f", Zone: "A", Nano: 101}}, ErrExceeded, "zone A, family f"},
		{"above it in two steps", []Cost{{Family: "f", Zone: "A", Nano: 60}, {Family: "g", Zone: "A", Nano: 41}}, ErrExceeded, "zone A, family g"},
		{"one zone of two", []Cost{{Family: "f", Zone: "A", Nano: 100}, {Family: "f", Zone: "B", Nano: 101}}, ErrExceeded, "zone B, family f"},
		{"beyond 64 bits", []Cost{{Family: "f", Zone: "A", Nano: 90}, {Family: "g", Zone: "A", Nano: math.MaxInt64}}, ErrExceeded, "zone A, family g"},
		{"negative", []Cost{{Family: "f", Zone: "A", Nano: -1}}, ErrCost, "family"},
		{"no zone", []Cost{{Family: "f", Zone: "", Nano: 1}}, ErrCost, "family"},
		{"no family", []Cost{{Family: "", Zone: "A", Nano: 1}}, ErrCost, "zone"},
	} {
		a := NewAccount(100)
		err := a.Charge(c.costs)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: %v, want %v naming %q", c.name, err, c.want, c.names)
		}
		if a.Spent() != 0 || len(a.Zones()) != 0 {
			t.Errorf("%s: a refused charge left %d", c.name, a.Spent())
		}
	}
	a := NewAccount(-5)
	if err := a.Charge([]Cost{{Family: "f", Zone: "A", Nano: 1}}); !errors.Is(err, ErrExceeded) || a.Remaining() != 0 {
		t.Errorf("negative limit: %v, %d left", err, a.Remaining())
	}
}

func TestReplayGoesBeyondTheLimit(t *testing.T) {
	a := NewAccount(100)
	if err := a.Replay([]Cost{{Family: "f", Zone: "A", Nano: 150}}); err != nil {
		t.Fatal(err)
	}
	if a.Spent() != 150 || a.Remaining() != 0 {
		t.Errorf("spent %d, remaining %d", a.Spent(), a.Remaining())
	}
	if err := a.Charge([]Cost{{Family: "f", Zone: "A", Nano: 1}}); !errors.Is(err, ErrExceeded) {
		t.Errorf("charging beyond: %v", err)
	}
	if err := a.Charge([]Cost{{Family: "f", Zone: "B", Nano: 100}}); err != nil {
		t.Errorf("another zone: %v", err)
	}
	if err := a.Replay([]Cost{{Family: "f", Zone: "A", Nano: math.MaxInt64}}); !errors.Is(err, ErrCost) || a.Spent() != 150 {
		t.Errorf("beyond 64 bits: %v, spent %d", err, a.Spent())
	}
}

var someCosts = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Cost {
	return Cost{
		Family: rapid.SampledFrom([]string{"f", "g", "h"}).Draw(t, "family"),
		Zone:   rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "zone"),
		Nano:   rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64()).Draw(t, "cost"),
	}
}), 0, 6)

// TestNeverAboveTheLimit: whatever is charged, no zone passes the limit, a
// refused charge changes nothing, and spending never falls.
func TestNeverAboveTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := NewAccount(rapid.OneOf(rapid.Int64Range(0, 5000), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "limit"))
		for _, costs := range rapid.SliceOf(someCosts).Draw(t, "releases") {
			before, spent := a.Spent(), map[string]int64{}
			for _, z := range a.Zones() {
				spent[z] = a.SpentBy(z)
			}
			err := a.Charge(costs)
			if a.Spent() < before || a.Spent() > a.Limit() || a.Remaining() < 0 || a.Remaining()+a.Spent() != a.Limit() {
				t.Fatalf("spent %d after %d, of %d", a.Spent(), before, a.Limit())
			}
			for _, z := range []string{"A", "B", "C"} {
				want := new(big.Int).SetInt64(spent[z])
				for _, c := range costs {
					if err == nil && c.Zone == z {
						want.Add(want, big.NewInt(c.Nano))
					}
				}
				if want.Cmp(big.NewInt(a.SpentBy(z))) != 0 {
					t.Fatalf("zone %s: spent %d, want %d (%v)", z, a.SpentBy(z), want, err)
				}
			}
		}
	})
}

// TestOrderDoesNotMatter: releases that fit together are all accepted, in any
// order, and spend the same.
func TestOrderDoesNotMatter(t *testing.T) {
	small := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Cost {
		return Cost{Family: "f", Zone: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "zone"), Nano: rapid.Int64Range(0, 100).Draw(t, "cost")}
	}), 0, 4)
	rapid.Check(t, func(t *rapid.T) {
		releases := rapid.SliceOfN(small, 1, 10).Draw(t, "releases")
		shuffled := rapid.Permutation(releases).Draw(t, "shuffled")
		a, b := NewAccount(10*4*100), NewAccount(10*4*100)
		for i := range releases {
			if err := errors.Join(a.Charge(releases[i]), b.Charge(shuffled[i])); err != nil {
				t.Fatal(err)
			}
		}
		if a.SpentBy("A") != b.SpentBy("A") || a.SpentBy("B") != b.SpentBy("B") || a.Spent() != b.Spent() {
			t.Fatal("the order of releases changed what is spent")
		}
	})
}

// TestEveryPlannedSigmaCanBeDrawn: the library draws the plan's σ within the
// margin that the plan added to it.
func TestEveryPlannedSigmaCanBeDrawn(t *testing.T) {
	base := defaultPlan(t).Policy
	rapid.Check(t, func(t *rapid.T) {
		p := *base
		p.Epsilon = rapid.Float64Range(3, 16).Draw(t, "epsilon")
		plan, err := p.Plan()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range plan.Families {
			if err := noise.Check(f.Sigma); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestMuAgainstTheLibrary checks μ against Google's independent search, which
// stops between the tight σ and 1e-3 above it.
func TestMuAgainstTheLibrary(t *testing.T) {
	for _, epsilon := range []float64{0.1, 0.5, 1, 2, 4, 8, 16} {
		for _, delta := range []float64{1e-5, 1e-7, 1e-9} {
			mu, err := policy.Mu(epsilon, delta)
			if err != nil {
				t.Fatal(err)
			}
			sigma := dp.SigmaForGaussian(1, 1, epsilon, delta)
			if sigma < (1-1e-9)/mu || sigma > (1+1e-3)/mu {
				t.Errorf("ε %v, δ %v: 1/μ = %v, library σ = %v", epsilon, delta, 1/mu, sigma)
			}
		}
	}
}
