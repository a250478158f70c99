package gate

import (
	"math"
	"testing"

	"brume/internal/testenv"
)

const (
	noiseWindows = 6 // all zones in session
	// farFrom is how many standard deviations a statistic that is standard
	// normal may lie from zero: 5.2 is passed by chance once in five million.
	// The tests below look at 3 families × (variance, mean, two correlations),
	// so together they raise a false alarm once in 400,000 runs.
	farFrom = 5.2
)

// residuals runs a gate over all windows and returns (released − exact)/σ by
// family, in order of window and cell.
func (s *site) residuals() map[string][]float64 {
	s.t.Helper()
	for index := range noiseWindows {
		s.partials(index)
	}
	s.check(run(s.ctx(), s.successor()))
	z := map[string][]float64{}
	for index := range noiseWindows {
		for cell, c := range s.oneValue(index).Cells {
			var exact int64
			for p := range partitions {
				exact += amount(p, cell)
			}
			z[c.Family] = append(z[c.Family], float64(c.Value-exact)/c.Sigma)
		}
	}
	return z
}

// Released minus exact is N(0, σ²) in each family, σ being what the plan says.
//
// n standardised residuals have Σz² distributed as χ² with n degrees; by Wilson
// and Hilferty ((Σz²/n)^⅓ − 1 + 2/9n) / √(2/9n) is standard normal, and so is
// Σz/√n. Rounding adds 1/12 to a variance of 222 and more. With the 240
// residuals of the smallest family a σ too small by a quarter is 5.7 deviations
// away, halved noise 16.
func TestResidualsAreThePlannedNoise(t *testing.T) {
	dir := keyDir(t)
	s := newSite(t, testenv.Kafka(t), "", dir, 0)
	for family, z := range s.residuals() {
		n := float64(len(z))
		var sum, squares float64
		for _, x := range z {
			sum += x
			squares += x * x
		}
		variance := (math.Cbrt(squares/n) - 1 + 2/(9*n)) / math.Sqrt(2/(9*n))
		if math.Abs(variance) > farFrom {
			t.Errorf("%s: variance of %d residuals is %.3f σ²: %.1f deviations", family, len(z), squares/n, variance)
		}
		if mean := sum / math.Sqrt(n); math.Abs(mean) > farFrom {
			t.Errorf("%s: mean of %d residuals is %.3f σ: %.1f deviations", family, len(z), sum/n, mean)
		}
	}
}

// Two ledgers with the same inputs give independent noise, and so do two
// windows of one. Σxy/√n of independent standard normals has mean 0 and
// variance 1, and is close to normal for these n; equal noise gives √n, which
// is at least 14.
func TestNoiseIsDrawnAnew(t *testing.T) {
	dir, cfg := keyDir(t), testenv.Kafka(t)
	a, b := newSite(t, cfg, "a-", dir, 0).residuals(), newSite(t, cfg, "b-", dir, 0).residuals()
	for family, x := range a {
		window := len(x) / noiseWindows
		for what, r := range map[string]float64{
			"runs":    correlation(x, b[family]),
			"windows": correlation(x[window:], x[:len(x)-window]),
		} {
			if math.Abs(r) > farFrom {
				t.Errorf("%s: the noise of two %s is correlated: %.1f deviations", family, what, r)
			}
		}
	}
}

func correlation(x, y []float64) float64 {
	var sum float64
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum / math.Sqrt(float64(len(x)))
}
