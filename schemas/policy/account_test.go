package policy

import (
	"math"
	"math/big"
	"testing"
)

// worstYear builds the largest contribution of one pupil to a family in a year,
// from the meaning of its caps alone: the value, in units, of each cell that the
// pupil moves. The planner's formula is not used.
func worstYear(p *Policy, f FamilyPlan) []float64 {
	var year []float64
	windows := p.ZoneWindows("A", f.Cadence)
	if f.Cadence == YearStream {
		// Before its noise the stream is multiplied by the inverse of the factor
		// of the running sum: one pupil who enters at the first step moves step t
		// by f_t.
		for _, c := range Toeplitz(windows) {
			for range f.Cells {
				year = append(year, c*float64(f.Cap))
			}
		}
		return year
	}
	for range windows {
		switch f.Measure {
		case Outcomes, Minutes: // the whole joint cap in one cell: no split has a larger norm
			year = append(year, float64(f.Cap))
		default: // one cap in each of Cells cells; of a histogram, all of its mass in one bin
			for range f.Cells {
				year = append(year, float64(f.Cap))
			}
		}
	}
	return year
}

// yearMu2 adds up, exactly, what the worst pupil's year costs: Σ v²/σ², where a
// pupil who is m units in the same cells moves each m-fold.
func yearMu2(plan *Plan) *big.Rat {
	sum := new(big.Rat)
	m := new(big.Rat).SetInt64(int64(plan.Policy.identities()))
	for _, f := range plan.Families {
		sigma := new(big.Rat).SetFloat64(f.Sigma)
		for _, v := range worstYear(plan.Policy, f) {
			ratio := new(big.Rat).SetFloat64(v)
			ratio.Quo(ratio.Mul(ratio, m), sigma)
			sum.Add(sum, ratio.Mul(ratio, ratio))
		}
	}
	return sum
}

// TestYearIsTight: the worst pupil's year costs no more than the limit, and for
// a plan that shares out everything no less than a millionth below it. The first
// half fails when a factor of composition is forgotten, the second when one is
// paid twice.
func TestYearIsTight(t *testing.T) {
	perPublisher := *designPolicy(t)
	perPublisher.Identity = Identity{Scope: ScopePerPublisher, Publishers: 3}
	for i := range perPublisher.Families {
		perPublisher.Families[i].Force = true
	}
	for name, p := range map[string]*Policy{
		"epsilon-2": mustDefault(t, "2026-2027-epsilon-2"), "epsilon-4": designPolicy(t),
		"epsilon-8": mustDefault(t, "2021-2022-epsilon-8"), "3 publishers": &perPublisher,
	} {
		plan, err := p.Plan()
		if err != nil {
			t.Fatal(err)
		}
		limit, year := big.NewRat(plan.LimitNano, nano), yearMu2(plan)
		least := new(big.Rat).Mul(limit, big.NewRat(1e6-1, 1e6))
		if year.Cmp(limit) > 0 || year.Cmp(least) < 0 {
			t.Errorf("%s: the worst year costs %s, the limit is %s", name, year.FloatString(12), limit.FloatString(9))
		}
	}
}

// TestForgottenFactors plants, one family at a time, the mistakes that make
// noise too small, and expects the account to pass the limit for each.
func TestForgottenFactors(t *testing.T) {
	for name, forget := range map[string]func(f FamilyPlan) float64{ // by what σ² is divided
		"the windows of the year": func(f FamilyPlan) float64 { return float64(f.Windows) },
		"the cells of a window":   func(f FamilyPlan) float64 { return f.Delta2Caps },
		"the cap":                 func(f FamilyPlan) float64 { return float64(f.Cap * f.Cap) },
	} {
		plan, err := designPolicy(t).Plan()
		if err != nil {
			t.Fatal(err)
		}
		caught, planted := 0, 0
		for i, f := range plan.Families {
			divisor := forget(f)
			if divisor == 1 {
				continue
			}
			planted++
			square := f.Sigma * f.Sigma / divisor
			plan.Families[i].Sigma = math.Sqrt(square)
			if yearMu2(plan).Cmp(big.NewRat(plan.LimitNano, nano)) > 0 {
				caught++
			}
			plan.Families[i] = f
		}
		if caught != planted || planted == 0 {
			t.Errorf("forgetting %s: caught in %d families of %d", name, caught, planted)
		}
	}
}

// TestStreamDelta2 holds Σf_j² of 36 steps to the design's 2.20, and to the sum
// of exact fractions.
func TestStreamDelta2(t *testing.T) {
	sum, f := new(big.Rat), big.NewRat(1, 1)
	for j := int64(0); j < 36; j++ {
		if j > 0 {
			f.Mul(f, big.NewRat(2*j-1, 2*j))
		}
		sum.Add(sum, new(big.Rat).Mul(f, f))
	}
	want, _ := sum.Float64()
	if got := streamDelta2(36); !near(got, want, 1e-14) || !printed(got, "2.20") {
		t.Errorf("Σf² = %v, want %v", got, want)
	}
}
