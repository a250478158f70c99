package privacy

// root gives the first n coefficients of (1−x)^(−1/2) = Σ C(2j, j)·(x/4)^j: the
// square root of the running sum, by which a year stream mixes its draws
// (Fichtenberger, Henzinger, Upadhyay 2023).
func root(n int) []float64 {
	f := make([]float64, n)
	for j := range f {
		f[j] = 1
		for k := 1; k <= j; k++ {
			f[j] *= (float64(k) - 0.5) / float64(k)
		}
	}
	return f
}

// whiten solves Σ_{j≤t} f_{t−j}·z_j = y_t for z, step by step: what a stream
// publishes beyond its truth becomes the independent draws it was mixed from,
// and what one pupil adds to its totals, the vector with norm Δ. The rounding
// of each y is spread a little: its variance grows from 1/12 to at most
// 1/12·Σ C(2j,j)²/((2j−1)²·16^j) = 1/12·4/π, nothing beside σ².
func whiten(y []float64) []float64 {
	f := root(len(y))
	z := make([]float64, len(y))
	for t := range y {
		z[t] = y[t]
		for j := range t {
			z[t] -= f[t-j] * z[j]
		}
	}
	return z
}
