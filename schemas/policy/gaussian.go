package policy

import (
	"errors"
	"fmt"
	"math"
)

// Every mechanism is Gaussian, so a year is described by one number: μ² = ΣΔ²/σ².
// A μ-Gaussian-DP year is (ε, δ)-differentially private exactly when
//
//	δ ≥ δ(ε) = Φ(−ε/μ + μ/2) − e^ε·Φ(−ε/μ − μ/2)
//
// (Dong, Roth, Su 2022, corollary 1; Balle, Wang 2018, theorem 8).

// Delta gives the smallest δ for which a year of parameter mu is (epsilon, δ)-DP.
//
// With a = ε/μ − μ/2, b = ε/μ + μ/2 and Mills' ratio M(x) = Φ(−x)/φ(x), the
// identity e^ε·φ(b) = φ(a) turns the difference into φ(a)·(M(a) − M(b)), which
// neither overflows nor loses the tail.
func Delta(mu, epsilon float64) float64 {
	if !(mu > 0) || !(epsilon >= 0) {
		return math.NaN()
	}
	a, b := epsilon/mu-mu/2, epsilon/mu+mu/2
	if a < -3 { // φ(a)·M(a) = Φ(−a) is near 1
		return math.Erfc(a/math.Sqrt2)/2 - normalDensity(a)*mills(b)
	}
	return normalDensity(a) * (mills(a) - mills(b))
}

// Mu gives the largest μ for which δ(ε) ≤ delta, rounded down.
func Mu(epsilon, delta float64) (float64, error) {
	if !(epsilon > 0) || math.IsInf(epsilon, 0) || !(delta > 0) || delta >= 1 {
		return 0, fmt.Errorf("no Gaussian noise gives ε = %v, δ = %v: ε must be positive and finite, δ within ]0, 1[", epsilon, delta)
	}
	low, high := 0.0, 1.0
	for Delta(high, epsilon) <= delta {
		high *= 2
		if high > 1e6 {
			return 0, errors.New("μ is above 1e6: this is no privacy")
		}
	}
	for range 200 {
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			break
		}
		if Delta(middle, epsilon) <= delta {
			low = middle
		} else {
			high = middle
		}
	}
	return low, nil
}

// Epsilon gives the smallest ε for which a year of parameter mu is (ε, delta)-DP,
// rounded up. It is 0 for mu = 0, and NaN for arguments without meaning.
func Epsilon(mu, delta float64) float64 {
	if !(mu >= 0) || !(delta > 0) || delta >= 1 {
		return math.NaN()
	}
	if mu == 0 || Delta(mu, 0) <= delta {
		return 0
	}
	low, high := 0.0, 1.0
	for Delta(mu, high) > delta {
		low, high = high, high*2
	}
	for range 200 {
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			break
		}
		if Delta(mu, middle) <= delta {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}

func normalDensity(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

// mills is Mills' ratio Φ(−x)/φ(x), for x ≥ −3: by erfc near zero, by Laplace's
// continued fraction 1/(x+1/(x+2/(x+3/…))) beyond 5, where 60 terms leave less
// than one unit in the last place.
func mills(x float64) float64 {
	if x < 5 {
		return math.Erfc(x/math.Sqrt2) / 2 / normalDensity(x)
	}
	tail := x
	for k := 60; k >= 1; k-- {
		tail = x + float64(k)/tail
	}
	return 1 / tail
}
