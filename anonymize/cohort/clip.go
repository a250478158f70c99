package cohort

import "math/big"

// clip scales a vector down so that its L2 norm is at most limit, with
// integers truncated toward zero: v·limit/⌈‖v‖⌉. Rounding can then only shrink
// the norm. The entries MUST be at least 0 and their squares add up within 63
// bits, as those of a row do (see most); the limit is at most a million.
func clip(v []int64, limit int64) {
	var square int64
	for _, x := range v {
		square += x * x
	}
	if square <= limit*limit {
		return
	}
	norm := ceilSqrt(square)
	for i := range v {
		v[i] = v[i] * limit / norm
	}
}

// ceilSqrt returns the smallest integer whose square is at least n, n ≥ 0.
func ceilSqrt(n int64) int64 {
	root := new(big.Int).Sqrt(big.NewInt(n)).Int64()
	if root*root < n {
		root++
	}
	return root
}
