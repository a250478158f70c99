package noise

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
)

// The randomness cannot be seeded, so every bound below has a chance of a false
// alarm; at 1e-10 or less each, and some thirty bounds a run, one run in
// 3·10⁸ fails without a bug.
const (
	draws = 60_000
	// bound: a standard normal statistic passes it with probability
	// 2Φ(−6.5) = 8e-11.
	bound = 6.5
)

// residuals tests draws against rounded N(0, σ²), whose variance is σ² + 1/12
// (Sheppard; exact within e^(−2π²σ²)).
func residuals(z []int64, sigma float64) error {
	n := float64(len(z))
	deviation := math.Sqrt(sigma*sigma + 1.0/12)
	var sum, squares, lagged float64
	for i, v := range z {
		x := float64(v) / deviation
		sum += x
		squares += x * x
		if i > 0 {
			lagged += x * float64(z[i-1]) / deviation
		}
	}
	var faults []error
	expect := func(what string, statistic float64) {
		if !(math.Abs(statistic) <= bound) {
			faults = append(faults, fmt.Errorf("%s: %.1f standard errors", what, statistic))
		}
	}
	expect("mean", sum/math.Sqrt(n))                 // N(0, 1)
	expect("variance", (squares-n)/math.Sqrt(2*n))   // χ²_n, normal for n = 60,000
	expect("lag-1 correlation", lagged/math.Sqrt(n)) // N(0, 1)

	// Kolmogorov-Smirnov at the rounding boundaries: Massart's inequality
	// P(√n·D > λ) ≤ 2·e^(−2λ²) holds for any distribution; λ = 3.45 gives 1e-10.
	if d := kolmogorov(z, sigma) * math.Sqrt(n); !(d <= 3.45) {
		faults = append(faults, fmt.Errorf("shape: √n·D = %.2f", d))
	}
	return errors.Join(faults...)
}

func kolmogorov(z []int64, sigma float64) float64 {
	sorted := slices.Sorted(slices.Values(z))
	worst := 0.0
	for i, v := range sorted {
		if i+1 < len(sorted) && sorted[i+1] == v {
			continue
		}
		below := float64(i+1) / float64(len(sorted)) // P(Z ≤ v)
		worst = max(worst, math.Abs(below-math.Erfc(-(float64(v)+0.5)/sigma/math.Sqrt2)/2))
	}
	return worst
}

func drawAll(t *testing.T, sigma float64) []int64 {
	t.Helper()
	z := make([]int64, draws)
	for i := range z {
		v, err := Draw(sigma)
		if err != nil {
			t.Fatal(err)
		}
		z[i] = v
	}
	return z
}

// TestDrawIsGaussian holds the draws of the default plan's deviations, and of
// two extreme ones, to their distribution.
func TestDrawIsGaussian(t *testing.T) {
	for _, sigma := range []float64{1, 14.881955, 115.275786, 1152.75786, 1e9} {
		if err := residuals(drawAll(t, sigma), sigma); err != nil {
			t.Errorf("σ = %v: %v", sigma, err)
		}
	}
}

// TestResidualsCatchPlantedBugs shows that the test above has power: with
// 60,000 draws the variance is known within 2·6.5·√(2/n) = 7.5 %, so that each
// of these is missed with a chance below 1e-10.
func TestResidualsCatchPlantedBugs(t *testing.T) {
	const sigma = 14.881955
	good := drawAll(t, sigma)
	change := func(f func(i int, v int64) int64) []int64 {
		bad := slices.Clone(good)
		for i, v := range good {
			bad[i] = f(i, v)
		}
		return bad
	}
	for _, c := range []struct {
		bug string
		z   []int64
	}{
		{"σ halved", drawAll(t, sigma/2)},
		{"σ/1.5", drawAll(t, sigma/1.5)},
		{"σ·1.1", drawAll(t, sigma*1.1)},
		{"no noise", make([]int64, draws)},
		{"a draw used twice", change(func(i int, _ int64) int64 { return good[i/2] })},
		{"one unit too high", change(func(_ int, v int64) int64 { return v + 1 })},
		{"one side only", change(func(_ int, v int64) int64 { return max(v, -v) })},
		{"uniform of the same variance", change(func(i int, _ int64) int64 {
			width := sigma * math.Sqrt(12)
			return int64(math.Round(width * (math.Mod(float64(i)*math.Phi, 1) - 0.5)))
		})},
	} {
		if residuals(c.z, sigma) == nil {
			t.Errorf("%s: not caught", c.bug)
		}
	}
}
