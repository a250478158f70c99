package privacy

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"brume/schemas/policy"
)

// normals are seeded: these tests never fail by chance.
func normals(n int, sigma float64) []float64 {
	r := rand.New(rand.NewPCG(1, 2))
	z := make([]float64, n)
	for i := range z {
		z[i] = math.Round(sigma * r.NormFloat64())
	}
	return z
}

const testCells = 500

// tested adds residuals as those of windows of testCells cells.
func tested(z []float64, sigma float64) *Residuals {
	r := NewResiduals(sigma, true)
	for i, v := range z {
		if i%testCells == 0 {
			r.Window()
		}
		r.Add(string(rune(i%testCells)), v)
	}
	return r
}

func TestResidualsFindWhatIsWrong(t *testing.T) {
	const sigma = 15
	z := normals(40*testCells, sigma)
	change := func(f func(i int) float64) []float64 {
		out := make([]float64, len(z))
		for i := range z {
			out[i] = f(i)
		}
		return out
	}
	for _, c := range []struct {
		name string
		z    []float64
		want string
	}{
		{"sound", z, ""},
		{"σ halved", change(func(i int) float64 { return z[i] / 2 }), "variance"},
		{"σ/1.5", change(func(i int) float64 { return z[i] / 1.5 }), "variance"},
		{"σ·1.05", change(func(i int) float64 { return z[i] * 1.05 }), "variance"},
		{"one unit too many", change(func(i int) float64 { return z[i] + 1 }), "mean"},
		{"a draw for two cells", change(func(i int) float64 { return z[i/2*2] }), "between cells"},
		{"a draw for two windows", change(func(i int) float64 { return z[i/(2*testCells)*2*testCells+i%testCells] }), "between windows"},
		{"another shape", change(func(i int) float64 { return math.Copysign(sigma, z[i]) }), "shape"},
	} {
		faults := texts(tested(c.z, sigma).Faults())
		if got := strings.Join(faults, "; "); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// between correlates the residuals of the same cells in the last windows of two
// runs: N(0, 1) when the runs drew apart.
func between(a, b *Residuals) float64 {
	var p pairs
	for cell, x := range a.last {
		if y, known := b.last[cell]; known {
			p.add(x, y)
		}
	}
	return p.statistic()
}

func TestRunsThatDrawTheSame(t *testing.T) {
	z := normals(2*testCells, 15)
	a, b := tested(z[:testCells], 15), tested(z[testCells:], 15)
	if s := between(a, b); math.Abs(s) > bound {
		t.Errorf("two runs: %.1f", s)
	}
	if s := between(a, a); s < bound {
		t.Errorf("the same run twice: %.1f", s)
	}
}

// The auditor's own coefficients are the plan's, and whitening undoes them.
func TestWhitenUndoesTheMixing(t *testing.T) {
	z := normals(36, 100)
	f := policy.Toeplitz(len(z))
	mixed, step := make([]float64, len(z)), make([]float64, len(z))
	for i := range z {
		if math.Abs(root(len(z))[i]-f[i]) > 1e-12 {
			t.Fatalf("coefficient %d: %v, the plan's %v", i, root(len(z))[i], f[i])
		}
		for j := range i + 1 {
			mixed[i] += f[i-j] * z[j]
		}
		step[i] = 1
	}
	for i, v := range whiten(mixed) {
		if math.Abs(v-z[i]) > 1e-9 {
			t.Errorf("draw %d: %v, want %v", i, v, z[i])
		}
	}
	norm := 0.0
	for _, v := range whiten(step) {
		norm += v * v
	}
	if math.Abs(norm-2.20) > 0.01 {
		t.Errorf("a pupil's Δ² is %v, planned 2.20", norm)
	}
}
