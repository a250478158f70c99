package policy

import "math"

// Toeplitz gives the first n coefficients of the √-Toeplitz factorisation of
// the running sum: f0 = 1, f_j = f_{j−1}(2j−1)/(2j). The noise of a year stream
// at step t is Σ f_{t−j}·z_j (Fichtenberger, Henzinger, Upadhyay 2023).
func Toeplitz(n int) []float64 {
	f := make([]float64, n)
	for j := range f {
		if j == 0 {
			f[0] = 1
			continue
		}
		f[j] = f[j-1] * float64(2*j-1) / float64(2*j)
	}
	return f
}

// streamDelta2 is Σ f_j²: the squared L2 norm, before the noise, of one pupil's
// single contribution to a stream of n steps (2.20 for 36); and also the ratio
// of the last running total's variance to that of z.
func streamDelta2(n int) float64 {
	sum := 0.0
	for _, f := range Toeplitz(n) {
		sum += f * f
	}
	return sum
}

// SigmaAt is the deviation, in units, of the noise of one cell of a release. Of
// a year stream it is that of the running total at a zone's step, counted from
// 0: σ·√Σ_{j≤step} f_j². Elsewhere it is Sigma at every step.
func (f FamilyPlan) SigmaAt(step int) float64 {
	if f.Cadence != YearStream {
		return f.Sigma
	}
	return f.Sigma * math.Sqrt(streamDelta2(step+1))
}
