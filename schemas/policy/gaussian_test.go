package policy

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func near(got, want, relative float64) bool { return math.Abs(got-want) <= relative*math.Abs(want) }

// TestDelta compares δ(ε) with values computed to 60 digits from the textbook
// form Φ(−ε/μ+μ/2) − e^ε·Φ(−ε/μ−μ/2).
func TestDelta(t *testing.T) {
	for _, c := range []struct{ mu, epsilon, want float64 }{
		{0.1, 0.5, 6.8565824558387371e-9},
		{0.6721, 4, 9.9820178379216245e-10},
		{0.3515, 2, 9.9502576675054115e-10},
		{1.2622, 8, 9.9836273793243803e-10},
		{1, 1, 0.12693673750664395},
		{3, 1, 0.78760074136038453},
		{5, 0.1, 0.98694602336588837},
		{0.05, 0.3, 9.0803399664009204e-12},
		{2, 0, 0.6826894921370859},
		{10, 60, 0.13683538039646127},
		{0.01, 0.01, 0.00083732426747734235},
		{8, 0.5, 0.99991880986828519},
	} {
		if got := Delta(c.mu, c.epsilon); !near(got, c.want, 1e-11) {
			t.Errorf("Delta(%v, %v) = %v, want %v", c.mu, c.epsilon, got, c.want)
		}
		if c.want < 0.9 { // beyond, ε hardly depends on δ and the inverse is ill conditioned
			if got := Epsilon(c.mu, c.want); !near(got, c.epsilon, 1e-9) && math.Abs(got-c.epsilon) > 1e-9 {
				t.Errorf("Epsilon(%v, %v) = %v, want %v", c.mu, c.want, got, c.epsilon)
			}
		}
	}
}

func TestMu(t *testing.T) {
	for _, c := range []struct{ epsilon, delta, want float64 }{
		{4, 1e-9, 0.67213169008081296}, // the table of privacy.md: 0.6721
		{2, 1e-9, 0.3515498158977807},  // 0.3515
		{8, 1e-9, 1.2622484649604332},  // 1.2622
		{4, 9.9e-10, 0.67195478646412749},
		{1, 1e-5, 0.26805112321129422},
		{0.1, 1e-6, 0.027544650243827622},
		{16, 1e-12, 2.0400883471603115},
	} {
		got, err := Mu(c.epsilon, c.delta)
		if err != nil || !near(got, c.want, 1e-11) {
			t.Errorf("Mu(%v, %v) = %v, %v, want %v", c.epsilon, c.delta, got, err, c.want)
		}
	}
	for _, c := range [][2]float64{{0, 1e-9}, {-1, 1e-9}, {math.NaN(), 1e-9}, {math.Inf(1), 1e-9}, {4, 0}, {4, 1}, {4, math.NaN()}} {
		if mu, err := Mu(c[0], c[1]); err == nil {
			t.Errorf("Mu(%v, %v) = %v, want an error", c[0], c[1], mu)
		}
	}
	if !math.IsNaN(Epsilon(-1, 1e-9)) || !math.IsNaN(Epsilon(1, 0)) || !math.IsNaN(Delta(0, 1)) || Epsilon(0, 1e-9) != 0 {
		t.Error("arguments without meaning must give NaN, and no release ε = 0")
	}
}

// TestBothWays: μ → ε → δ → μ comes back, and no step claims too little.
func TestBothWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		epsilon := rapid.Float64Range(0.05, 40).Draw(t, "epsilon")
		delta := math.Pow(10, rapid.Float64Range(-12, -3).Draw(t, "log delta"))
		mu, err := Mu(epsilon, delta)
		if err != nil {
			t.Fatal(err)
		}
		if d := Delta(mu, epsilon); d > delta || !near(d, delta, 1e-9) {
			t.Fatalf("δ(%v) = %v, want just below %v", mu, d, delta)
		}
		if e := Epsilon(mu, delta); !near(e, epsilon, 1e-9) || Delta(mu, e) > delta {
			t.Fatalf("ε = %v, want %v", e, epsilon)
		}
	})
}
