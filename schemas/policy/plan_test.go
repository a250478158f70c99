package policy

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// designTable is the plan of the design's privacy page: N, Δ², share and σ in
// caps as printed there.
var designTable = []struct {
	Family
	windows       int
	delta2, sigma float64
}{
	{Family{"d_active_level", Weekly, ByDepartment, []Dimension{Level}, Active, 1, 1, 0.006, false}, 36, 1, 115},
	{Family{"d_active_level_subject", Weekly, ByDepartment, []Dimension{Level, Subject}, Active, 4, 1, 0.024, false}, 36, 4, 115},
	{Family{"d_active_tool", Weekly, ByDepartment, []Dimension{Tool}, Active, 3, 1, 0.018, false}, 36, 3, 115},
	{Family{"d_outcomes_subject", Weekly, ByDepartment, []Dimension{Subject}, Outcomes, 4, 10, 0.006, false}, 36, 1, 115},
	{Family{"d_minutes_subject", Weekly, ByDepartment, []Dimension{Subject}, Minutes, 4, 120, 0.006, false}, 36, 1, 115},
	{Family{"d_scores_subject", Weekly, ByDepartment, []Dimension{Subject}, Scores, 4, 1000, 0.03, false}, 36, 4, 103},
	{Family{"s_active", Weekly, BySchool, nil, Active, 1, 1, 0.36, false}, 36, 1, 14.9},
	{Family{"s_period_active_level", Periodic, BySchool, []Dimension{Level}, Active, 1, 1, 0.1, false}, 5, 1, 10.5},
	{Family{"s_period_active_subject", Periodic, BySchool, []Dimension{Subject}, Active, 4, 1, 0.14, false}, 5, 4, 17.8},
	{Family{"s_period_outcomes", Periodic, BySchool, nil, Outcomes, 1, 40, 0.08, false}, 5, 1, 11.8},
	{Family{"s_period_minutes", Periodic, BySchool, nil, Minutes, 1, 600, 0.06, false}, 5, 1, 13.6},
	{Family{"s_period_scores", Periodic, BySchool, nil, Scores, 1, 1000, 0.12, false}, 5, 1, 9.6},
	{Family{"s_ever_active", YearStream, BySchool, nil, Active, 1, 1, 0.05, false}, 1, 2.20, 9.9},
}

func designPolicy(t testing.TB) *Policy {
	t.Helper()
	p := mustDefault(t, "2026-2027")
	p.Families = nil
	for _, row := range designTable {
		p.Families = append(p.Families, row.Family)
	}
	return p
}

// TestDesignTable plans the whole table: its shares sum to 1, and every σ is the
// printed one within its rounding (three digits).
func TestDesignTable(t *testing.T) {
	plan, err := designPolicy(t).Plan()
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range designTable {
		f := plan.Families[i]
		if f.Windows != row.windows || !near(f.Delta2Caps, row.delta2, 0.0025) {
			t.Errorf("%s: N = %d, Δ² = %v; want %d, %v", f.Name, f.Windows, f.Delta2Caps, row.windows, row.delta2)
		}
		if !near(f.SigmaCaps, row.sigma, 0.005) || f.Sigma != f.SigmaCaps*float64(f.Cap) {
			t.Errorf("%s: σ = %v caps, %v units; want %v caps", f.Name, f.SigmaCaps, f.Sigma, row.sigma)
		}
		formula := math.Sqrt(float64(f.Windows) * f.Delta2Caps / (f.Share * plan.Mu * plan.Mu))
		// Rounding the cost down to nano-μ² moves σ by less than N/(2·share·limit).
		if f.SigmaCaps < formula || !near(f.SigmaCaps, formula, 1e-5) {
			t.Errorf("%s: σ = %v caps, the formula gives %v", f.Name, f.SigmaCaps, formula)
		}
	}
	last := plan.Families[len(plan.Families)-1]
	if total := last.SigmaCaps * math.Sqrt(streamDelta2(last.Steps)); !near(total, 14.7, 0.005) {
		t.Errorf("error of the stream's running total: %v, want 14.7", total)
	}
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
		for i, row := range designTable {
			f := row.Family
			f.Name = fmt.Sprint("f", i)
			f.Force = true
			f.Share = rapid.Float64Range(0.001, 1.0/float64(len(designTable))).Draw(t, "share")
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
	p := mustDefault(t, "2026-2027")
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
	p := mustDefault(t, "2026-2027")
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
