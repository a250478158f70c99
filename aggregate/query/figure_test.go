package query

import (
	"math"
	"testing"
)

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

// TestFieller compares with the set found by scanning its definition: all θ
// with |s − θ(s+f)| ≤ z·√(Var s·(1−θ)² + Var f·θ²).
func TestFieller(t *testing.T) {
	for _, c := range []struct{ s, vs, f, vf float64 }{
		{700, 100, 300, 100}, {70, 100, 30, 100}, {900, 2500, 100, 400}, {50, 100, 50, 100},
	} {
		low, high, bounded := fieller(moments{c.s, c.vs}, moments{c.f, c.vf})
		if !bounded {
			t.Errorf("%+v: unbounded", c)
			continue
		}
		wantLow, wantHigh := math.Inf(1), math.Inf(-1)
		for theta := -2.0; theta < 3; theta += 1e-4 {
			sd := math.Sqrt(c.vs*(1-theta)*(1-theta) + c.vf*theta*theta)
			if math.Abs(c.s-theta*(c.s+c.f)) <= z*sd {
				wantLow, wantHigh = math.Min(wantLow, theta), math.Max(wantHigh, theta)
			}
		}
		if !near(low, wantLow, 2e-4) || !near(high, wantHigh, 2e-4) {
			t.Errorf("%+v: got [%v, %v], want [%v, %v]", c, low, high, wantLow, wantHigh)
		}
	}
	if _, _, bounded := fieller(moments{10, 400}, moments{5, 400}); bounded {
		t.Error("a total within its noise gives a bounded set")
	}
}

func TestStates(t *testing.T) {
	l := DefaultLimits()
	for name, c := range map[string]struct {
		got  Figure
		want State
	}{
		"large count":       {l.count(moments{1000, 225}, 2000), Published},
		"count in noise":    {l.count(moments{60, 225}, 200), Unreliable},
		"negative count":    {l.count(moments{-12, 225}, 200), Unreliable},
		"tiny school":       {l.count(moments{6, 225}, 10), Masked},
		"smallest shown":    {l.count(moments{200, 225}, 11), Published},
		"unknown enrolment": {l.count(moments{200, 225}, 0), Published},
		"small rate":        {l.share(moments{6, 225}, 19), Masked},
		"rough share":       {l.share(moments{60, 225}, 200), Unreliable},
		"fine share":        {l.share(moments{300, 225}, 600), Published},
		"share of nothing":  {l.share(moments{300, 225}, 0), NoData},
		"fine rate":         {l.rate(moments{7000, 900}, moments{3000, 900}, 500), Published},
		"rough rate":        {l.rate(moments{70, 900}, moments{30, 900}, 500), Unreliable},
		"masked rate":       {l.rate(moments{7000, 900}, moments{3000, 900}, 19), Masked},
	} {
		if c.got.State != c.want {
			t.Errorf("%s: got %s, want %s", name, c.got.State, c.want)
		}
		if c.got.State == Masked && c.got != (Figure{State: Masked}) {
			t.Errorf("%s: a masked figure carries values: %+v", name, c.got)
		}
	}
}

// TestDifference: for counts the interval is that of the variance of the
// difference, z·√(σ²+σ²).
func TestDifference(t *testing.T) {
	l := DefaultLimits()
	a, b := l.count(moments{1000, 225}, 0), l.count(moments{950, 225}, 0)
	got := Difference(a, b)
	want := z * math.Sqrt(450)
	if got.Delta != 50 || !near(got.High-got.Delta, want, 1e-9) || !near(got.Delta-got.Low, want, 1e-9) {
		t.Errorf("got %+v, want 50 ± %v", got, want)
	}
	if !got.Conclusive() {
		t.Error("50 with a half-width of 41.6 is within the noise")
	}
	if Difference(a, l.count(moments{960, 225}, 0)).Conclusive() {
		t.Error("40 with a half-width of 41.6 exceeds the noise")
	}
	if Difference(a, Figure{State: Masked}).Valid {
		t.Error("a masked figure is compared")
	}
}
