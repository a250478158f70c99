package privacy

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// upper is the Clopper-Pearson bound: the largest rate of errors under which k
// or fewer of n would be seen with a chance of at least alpha. The true rate is
// above it with a chance of at most alpha, whatever it is (Clopper, Pearson
// 1934). It is the 1−alpha quantile of Beta(k+1, n−k).
func upper(k, n int, alpha float64) float64 {
	if k >= n {
		return 1
	}
	return mathext.InvRegIncBeta(float64(k+1), float64(n-k), 1-alpha)
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
