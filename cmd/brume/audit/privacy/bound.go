package privacy

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// upper is the Clopper-Pearson bound: the rate of errors at which k or fewer of
// n are seen with a chance of alpha. The true rate is above it with a chance of
// at most alpha, whatever it is (Clopper, Pearson 1934). That chance is the
// regularised incomplete beta function I_{1−p}(n−k, k+1), which falls with p, so
// that halving finds p, from above. gonum's own inverse fails in far tails: for
// none of 2,000 at 5e-7 it gives 0.999999 instead of 0.0072.
func upper(k, n int, alpha float64) float64 {
	low, high := 0.0, 1.0
	for range 64 {
		p := (low + high) / 2
		if k < n && mathext.RegIncBeta(float64(n-k), float64(k+1), 1-p) <= alpha {
			high = p
		} else {
			low = p
		}
	}
	return high
}

// Guesses counts how an observer who guesses each coin did.
type Guesses struct {
	Heads       int `json:"inserted"`
	Tails       int `json:"left_out"`
	MissedHeads int `json:"missed"`       // an inserted pupil taken for absent
	FalseHeads  int `json:"false_alarms"` // an absent pupil taken for inserted
}

// LowerBound is a μ below which the mechanism is not, with the given
// confidence. A μ-Gaussian-DP mechanism leaves every observer with error rates
// of at least
//
//	Φ⁻¹(1−α) − Φ⁻¹(β) ≤ μ
//
// (Dong, Roth, Su 2022, definition 2.6 and equation 6: the trade-off function is
// G_μ(α) = Φ(Φ⁻¹(1−α) − μ)). α and β are replaced by upper bounds that fail with
// half of 1−confidence each. G_μ is convex, so rates pooled over schools whose
// canaries weigh differently still lie above it (Jensen).
//
// The trials MUST be independent: each school has a coin, cells and noise of
// its own. It is 0 when the guesses show nothing.
func (g Guesses) LowerBound(confidence float64) float64 {
	half := (1 - confidence) / 2
	return g.distance(upper(g.FalseHeads, g.Tails, half), upper(g.MissedHeads, g.Heads, half))
}

// Estimate is the μ that the observed rates themselves stand for.
func (g Guesses) Estimate() float64 {
	return g.distance(float64(g.FalseHeads)/float64(g.Tails), float64(g.MissedHeads)/float64(g.Heads))
}

func (g Guesses) distance(alpha, beta float64) float64 {
	if g.Heads == 0 || g.Tails == 0 || alpha >= 1 || beta >= 1 {
		return 0
	}
	return max(0, mathext.NormalQuantile(1-alpha)-mathext.NormalQuantile(beta))
}

// normalBelow is Φ.
func normalBelow(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
