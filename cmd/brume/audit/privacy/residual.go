package privacy

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// The noise cannot be seeded, so every test has a chance of a false alarm. Each
// of the six below is set to about 1e-9 a family: a dozen families fail in one
// of 10⁷ sound years.
const (
	// tail is the chance of χ² in either direction.
	tail = 5e-10
	// bound is passed by N(0, 1) with a chance of 2Φ(−6.5) = 8e-11. The
	// correlations are sums of m products of normals, for which Chernoff's
	// e^(−λs)·(1−λ²)^(−m/2), minimised over λ, gives at most 4e-9 both ways for
	// m ≥ 1000.
	bound = 6.5
	// massart bounds √n·D of Kolmogorov and Smirnov: P(√n·D > x) ≤ 2·e^(−2x²)
	// for any distribution (Massart 1990), 1e-9 at 3.28.
	massart = 3.28
)

// Residuals are (published − clipped truth)/σ of one family, added window by
// window in the order of the release. A whole number with rounded Gaussian
// noise has variance σ² + 1/12 (Sheppard).
type Residuals struct {
	Sigma float64 // planned, in units

	edge         float64   // from a value to the upper edge of what is rounded to it
	x            []float64 // upper edges over σ
	sum, squares float64
	cells, weeks pairs
	before       float64            // the residual of the cell before, within a window
	last         map[string]float64 // each cell's residual of its window before
}

// pairs correlates neighbours: Σ x·y/√m is N(0, 1) for m independent pairs.
type pairs struct {
	sum float64
	m   int
}

func (p *pairs) add(x, y float64) { p.sum, p.m = p.sum+x*y, p.m+1 }

func (p pairs) statistic() float64 {
	if p.m == 0 {
		return 0
	}
	return p.sum / math.Sqrt(float64(p.m))
}

// NewResiduals begins a family, whose values are whole or, once a stream is
// whitened, not.
func NewResiduals(sigma float64, whole bool) *Residuals {
	r := &Residuals{Sigma: sigma, last: map[string]float64{}}
	if whole {
		r.edge = 0.5
	}
	return r
}

// Window begins the next window: its first cell has no neighbour.
func (r *Residuals) Window() { r.before = math.NaN() }

// Add takes the next cell's published value less its truth.
func (r *Residuals) Add(cell string, residual float64) {
	x := residual / math.Sqrt(r.Sigma*r.Sigma+1.0/12)
	r.x = append(r.x, (residual+r.edge)/r.Sigma)
	r.sum += x
	r.squares += x * x
	if !math.IsNaN(r.before) {
		r.cells.add(x, r.before)
	}
	if y, known := r.last[cell]; known {
		r.weeks.add(x, y)
	}
	r.before, r.last[cell] = x, x
}

// Ratio is the measured deviation over the planned one, and its standard error,
// 1/√(2n).
func (r *Residuals) Ratio() (ratio, standardError float64) {
	n := float64(len(r.x))
	return math.Sqrt(r.squares / n), 1 / math.Sqrt(2*n)
}

// Faults tests the residuals against independent N(0, 1).
func (r *Residuals) Faults() (faults []error) {
	n := float64(len(r.x))
	expect := func(what string, statistic float64) {
		if !(math.Abs(statistic) <= bound) {
			faults = append(faults, fmt.Errorf("%s: %.1f standard errors", what, statistic))
		}
	}
	expect("mean", r.sum/math.Sqrt(n))
	expect("correlation between cells", r.cells.statistic())
	expect("correlation between windows", r.weeks.statistic())
	// Σ x² is χ² of n degrees: the regularised incomplete gamma function.
	below, above := mathext.GammaIncReg(n/2, r.squares/2), mathext.GammaIncRegComp(n/2, r.squares/2)
	if !(below > tail && above > tail) {
		ratio, _ := r.Ratio()
		faults = append(faults, fmt.Errorf("variance: the deviation is %.4f of the planned one over %d cells", ratio, len(r.x)))
	}
	if d := r.kolmogorov() * math.Sqrt(n); !(d <= massart) {
		faults = append(faults, fmt.Errorf("shape: √n·D = %.2f", d))
	}
	return faults
}

// kolmogorov is the largest distance between the residuals' distribution and
// the normal one, taken at the upper edges of the values that occur: between
// them both are constant.
func (r *Residuals) kolmogorov() (worst float64) {
	slices.Sort(r.x)
	for i, x := range r.x {
		if i+1 < len(r.x) && r.x[i+1] == x {
			continue
		}
		worst = max(worst, math.Abs(float64(i+1)/float64(len(r.x))-normalBelow(x)))
	}
	return worst
}
