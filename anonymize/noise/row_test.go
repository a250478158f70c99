package noise

import (
	"math"
	"testing"

	dp "github.com/google/differential-privacy/go/v3/noise"

	"brume/internal/testenv/measure"
	"brume/schemas/policy"
)

const errorDraws = 20_000

func defaultPlan(b *testing.B) *policy.Plan {
	b.Helper()
	p, err := policy.Default("2026-2027")
	if err != nil {
		b.Fatal(err)
	}
	plan, err := p.Plan()
	if err != nil {
		b.Fatal(err)
	}
	return plan
}

// rmse is the root mean square of the draws.
func rmse(b *testing.B, draw func() (float64, error)) float64 {
	b.Helper()
	var squares float64
	for range errorDraws {
		z, err := draw()
		if err != nil {
			b.Fatal(err)
		}
		squares += z * z
	}
	return math.Sqrt(squares / errorDraws)
}

func drawn(b *testing.B, sigma float64) float64 {
	return rmse(b, func() (float64, error) { z, err := Draw(sigma); return float64(z), err })
}

// BenchmarkRowSigma compares the deviation of the noise drawn for the default
// plan with the planned one. With thirteen families of 20,000 draws the
// measured ratio has a standard error of 1/√(2·260,000) = 0.14 %.
func BenchmarkRowSigma(b *testing.B) {
	plan := defaultPlan(b)
	for b.Loop() {
		var squares float64
		for _, f := range plan.Families {
			squares += math.Pow(drawn(b, f.Sigma)/f.Sigma, 2)
		}
		ratio := math.Sqrt(squares / float64(len(plan.Families)))
		measure.Report(b, map[string]float64{measure.Result: math.Abs(ratio-1) * 100, "over-planned": ratio})
	}
}

// basic is the error of a family's cells under basic composition of the year's
// ε and δ, split equally over its families and windows: the better of Laplace
// noise for the L1 norm, and of the library's Gaussian noise for the L2 norm,
// of one pupil's largest contribution.
func basic(b *testing.B, plan *policy.Plan, f policy.FamilyPlan) float64 {
	b.Helper()
	releases := 0
	for _, g := range plan.Families {
		releases += g.Steps // a stream, too, has one each step
	}
	epsilon, delta := plan.Policy.Epsilon/float64(releases), plan.Policy.Delta/float64(releases)
	l1 := float64(f.Cap) * float64(f.Cells)
	l2 := float64(f.Cap) * math.Sqrt(f.Delta2Caps)
	switch {
	case f.Measure == policy.Outcomes || f.Measure == policy.Minutes: // an L2 norm of cap over Cells subjects
		l1 = float64(f.Cap) * math.Sqrt(float64(f.Cells*len(f.Measure.Values())))
	case f.Cadence == policy.YearStream: // a pupil is in every running total
		l2 = float64(f.Cap) * math.Sqrt(float64(f.Cells))
	}
	laplace := rmse(b, func() (float64, error) { return dp.Laplace().AddNoiseFloat64(0, 1, l1, epsilon, 0) })
	gauss := rmse(b, func() (float64, error) { return dp.Gaussian().AddNoiseFloat64(0, 1, l2, epsilon, delta) })
	return math.Min(laplace, gauss)
}

// atLast is the deviation of a cell of the family's last release over σ: a
// stream's running total has more noise than each z.
func atLast(f policy.FamilyPlan) float64 { return f.SigmaAt(f.Steps-1) / f.Sigma }

// BenchmarkRowEqualSplit gives Brume's accounting the same equal split as
// basic composition, the same ε and δ, and the same caps; the worst family
// counts.
func BenchmarkRowEqualSplit(b *testing.B) {
	plan := defaultPlan(b)
	for b.Loop() {
		worst := 0.0
		for _, f := range plan.Families {
			cost := plan.Mu * plan.Mu / float64(len(plan.Families)) / float64(f.Windows)
			ours := drawn(b, float64(f.Cap)*math.Sqrt(f.Delta2Caps/cost)*atLast(f))
			worst = max(worst, ours/basic(b, plan, f))
		}
		measure.Report(b, map[string]float64{measure.Result: worst})
	}
}

// BenchmarkRowShipped compares the default policy as it is shipped, with its
// own shares and what it leaves unspent, with basic composition of all of ε
// and δ.
func BenchmarkRowShipped(b *testing.B) {
	plan := defaultPlan(b)
	for b.Loop() {
		metrics, spent := map[string]float64{}, 0.0
		for _, f := range plan.Families {
			ratio := drawn(b, f.Sigma*atLast(f)) / basic(b, plan, f)
			metrics[f.Name] = ratio
			metrics[measure.Result] = max(metrics[measure.Result], ratio)
			spent += f.Share
		}
		metrics["spent"] = 100 * spent
		measure.Report(b, metrics)
	}
}
