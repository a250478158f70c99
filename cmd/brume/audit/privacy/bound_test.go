package privacy

import (
	"math"
	"testing"
)

// Values of the Clopper-Pearson bound that a binomial distribution gives
// directly: the chance of k or fewer errors of n at the bound is alpha.
func TestUpper(t *testing.T) {
	for _, c := range []struct {
		k, n  int
		alpha float64
	}{{0, 10, 0.025}, {3, 10, 0.025}, {9, 10, 0.005}, {740, 2000, 0.005}, {0, 2000, 5e-7}} {
		p, tail := upper(c.k, c.n, c.alpha), 0.0
		for i := range c.k + 1 {
			tail += math.Exp(logChoose(c.n, i) + float64(i)*math.Log(p) + float64(c.n-i)*math.Log1p(-p))
		}
		if math.Abs(tail/c.alpha-1) > 1e-6 {
			t.Errorf("%d of %d: at %v the chance is %v, want %v", c.k, c.n, p, tail, c.alpha)
		}
	}
	if p := upper(10, 10, 0.01); p != 1 {
		t.Errorf("all wrong: %v", p)
	}
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

func TestLowerBound(t *testing.T) {
	for _, c := range []struct {
		name       string
		g          Guesses
		least, top float64
	}{
		{"nothing to see", Guesses{2000, 2000, 1000, 1000}, 0, 0},
		{"all missed", Guesses{2000, 2000, 2000, 0}, 0, 0},
		{"no coin", Guesses{}, 0, 0},
		{"the default promise", Guesses{2000, 2000, 737, 737}, 0.49, 0.55},
		{"one and a half times it", Guesses{2000, 2000, 614, 614}, 0.82, 0.88},
		{"never wrong", Guesses{2000, 2000, 0, 0}, 5, 7},
	} {
		if got := c.g.LowerBound(0.99); got < c.least || got > c.top {
			t.Errorf("%s: μ ≥ %v, want within %v…%v", c.name, got, c.least, c.top)
		}
	}
}
