package policy

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// designPolicy is the plan of the design's privacy page.
func designPolicy(t testing.TB) *Policy { return mustDefault(t, "2026-2027-epsilon-4") }

// weeklyPolicy is three of its families, 37 % of the year.
func weeklyPolicy(t testing.TB) *Policy {
	p := designPolicy(t)
	p.Families = p.Families[:3]
	return p
}

// TestDefaultPlanIsTheContract checks the three shipped families.
func TestDefaultPlanIsTheContract(t *testing.T) {
	for _, year := range []string{"2021-2022", "2026-2027"} {
		plan, err := mustDefault(t, year).Plan()
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string][2]float64{ // caps, units
			"school_week_active":                  {14.9, 14.9},
			"department_week_active_by_level":     {115, 115},
			"department_week_outcomes_by_subject": {115, 1150},
		} {
			f, ok := plan.Family(name)
			if !ok || !near(f.SigmaCaps, want[0], 0.005) || !near(f.Sigma, want[1], 0.005) || f.Supported() != nil {
				t.Errorf("%s, %s: σ = %v caps, %v units; want %v", year, name, f.SigmaCaps, f.Sigma, want)
			}
		}
		if _, ok := plan.Family("nothing"); ok {
			t.Error("found a family that is not planned")
		}
		if want := int64(plan.Mu * plan.Mu * 1e9); plan.LimitNano != want || plan.PolicyHash != plan.Policy.Hash() {
			t.Errorf("limit %d, want %d", plan.LimitNano, want)
		}
	}
}

// TestTrueCostNeverAboveCharged: in exact arithmetic, Δ²/σ² of every window is
// at most its charge, and the charges of a year at most the limit, whatever the
// policy; and a year of them keeps the promise.
func TestTrueCostNeverAboveCharged(t *testing.T) {
	base := designPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		p := *base
		p.Epsilon = rapid.Float64Range(0.5, 12).Draw(t, "epsilon")
		p.Delta = rapid.Float64Range(1e-9, 1e-7).Draw(t, "delta")
		m := 1
		if rapid.Bool().Draw(t, "per publisher") {
			m = rapid.IntRange(1, 20).Draw(t, "publishers")
			p.Identity = Identity{Scope: ScopePerPublisher, Publishers: m}
		}
		p.Families = nil
		for _, f := range base.Families {
			f.Force = true
			f.Share = rapid.Float64Range(0.001, 1.0/float64(len(base.Families))).Draw(t, "share")
			p.Families = append(p.Families, f)
		}
		plan, err := p.Plan()
		if err != nil {
			t.Fatal(err)
		}
		year := new(big.Rat)
		for _, f := range plan.Families {
			// One pupil's m identities add up to m·Δ in the same cells.
			norm := new(big.Rat).SetFloat64(f.Delta2Caps)
			norm.Mul(norm, big.NewRat(int64(m*m), 1))
			sigma := new(big.Rat).SetFloat64(f.Sigma)
			sigma.Mul(sigma, big.NewRat(1e9-1, 1e9)) // the least that noise.Check lets the library draw
			sigma.Quo(sigma, big.NewRat(f.Cap, 1))
			cost := norm.Quo(norm, sigma.Mul(sigma, sigma))
			if cost.Cmp(big.NewRat(f.CostNanoMu2, 1e9)) > 0 {
				t.Fatalf("%s: true cost %s above the charged %d nano", f.Name, cost.FloatString(15), f.CostNanoMu2)
			}
			year.Add(year, cost.Mul(cost, big.NewRat(int64(f.Windows), 1)))
		}
		if year.Cmp(big.NewRat(plan.LimitNano, 1e9)) > 0 {
			t.Fatalf("the year costs %s, limit %d nano", year.FloatString(12), plan.LimitNano)
		}
		spent, _ := year.Float64()
		if delta := Delta(math.Sqrt(spent), p.Epsilon); delta > p.Delta-DeltaSampler {
			t.Fatalf("δ(ε) of the year is %v, above %v", delta, p.Delta-DeltaSampler)
		}
	})
}

func TestPerPublisherMultipliesSigma(t *testing.T) {
	p := weeklyPolicy(t)
	shared, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	p.Identity = Identity{Scope: ScopePerPublisher, Publishers: 3}
	three, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range three.Families {
		if s := shared.Families[i]; !near(f.Sigma, 3*s.Sigma, 1e-6) || f.CostNanoMu2 != s.CostNanoMu2 {
			t.Errorf("%s: σ %v for three identities, %v for one", f.Name, f.Sigma, s.Sigma)
		}
	}
}

// TestUselessFamilyIsRefused: the weekly school × level × subject × tool cube
// of the design page drowns in its noise at any sane ε.
func TestUselessFamilyIsRefused(t *testing.T) {
	p := weeklyPolicy(t)
	cube := Family{Name: "cube", Cadence: Weekly, Area: BySchool, By: []Dimension{Level, Subject, Tool}, Measure: Active, Cells: 12, Cap: 1, Share: 0.062}
	p.Families = append(p.Families, cube)
	_, err := p.Plan()
	if !errors.Is(err, ErrUseless) || !strings.Contains(err.Error(), "cube") {
		t.Fatalf("planning a useless cube: %v", err)
	}
	p.Families[len(p.Families)-1].Force = true
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	r := plan.Report(nil)
	if last := r.Families[len(r.Families)-1]; !last.Useless || !near(last.SigmaCaps, 124, 0.01) {
		t.Errorf("the forced cube: σ = %v, useless %v; want 124, true", last.SigmaCaps, last.Useless)
	}
}

func TestToeplitz(t *testing.T) {
	f := Toeplitz(5)
	for j, want := range []float64{1, 0.5, 0.375, 0.3125, 0.2734375} {
		if f[j] != want {
			t.Errorf("f%d = %v, want %v", j, f[j], want)
		}
	}
	// The factor squared is the running sum: Σ f_i·f_{n−i} = 1 for every n.
	f = Toeplitz(36)
	for n := range f {
		sum := 0.0
		for i := 0; i <= n; i++ {
			sum += f[i] * f[n-i]
		}
		if !near(sum, 1, 1e-12) {
			t.Errorf("convolution at %d is %v", n, sum)
		}
	}
	if len(Toeplitz(0)) != 0 {
		t.Error("no steps have no coefficients")
	}
}
