package privacy

import (
	"errors"
	"math"
	"strings"
	"testing"

	"brume/anonymize/exact"
	"brume/schemas/policy"
	"brume/schemas/release"
)

// With 12,000 coins half way between 0 and μ = 0.67 each error rate is known
// within √(0.37·0.63/6000) = 0.62 points, 0.0165 in Φ⁻¹, so that the estimate of
// μ has a standard error of 0.0235. At this confidence each Clopper-Pearson
// bound lies 4.9 standard errors off, 0.163 together: a sound system is above
// its claim with a chance of Φ(−0.163/0.0235) = 2e-12, and one with noise 1.5
// times too small, μ = 1.01, is missed with one of Φ(−7.4) = 1e-13.
const (
	manySchools   = 12_000
	sureness      = 1 - 1e-6
	ofTheCanaries = "canaries: μ is at least"
)

// A sound year passes, and its bound is worth something: no more than 0.163 and
// 6.5 standard errors below the truth.
func TestASoundYearKeepsItsPromise(t *testing.T) {
	r, err := newWorld(t, manySchools).audit(t, sureness)
	if err := errors.Join(err, r.Check()); err != nil {
		t.Error(err)
	}
	if r.LowerBound < r.Claim-0.163-6.5*0.0235 {
		t.Errorf("μ ≥ %.3f is worth nothing beside %.3f", r.LowerBound, r.Claim)
	}
	t.Logf("%+v", r)
}

// Two runs over one history draw apart: the chance of a false alarm is that of
// the other correlations.
func TestTwoRunsDrawApart(t *testing.T) {
	w := newWorld(t, manySchools)
	for range 2 {
		if _, err := w.audit(t, sureness); err != nil {
			t.Fatal(err)
		}
	}
	for name, a := range w.auditors[0].families {
		if s := between(a, w.auditors[1].families[name]); math.Abs(s) > bound || s == 0 {
			t.Errorf("%s: %.1f standard errors", name, s)
		}
	}
}

// caught requires that the audit ends with a fault of each kind.
func caught(t *testing.T, w *world, want ...string) {
	t.Helper()
	r, err := w.audit(t, sureness)
	if err == nil {
		err = r.Check()
	}
	t.Logf("μ ≥ %.3f, about %.3f, claimed %.3f", r.LowerBound, r.Estimate, r.Claim)
	for _, s := range want {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("got %v, want %q", err, s)
		}
	}
}

func TestHalvedSigmaIsCaught(t *testing.T) {
	w := newWorld(t, manySchools)
	w.sigma = func(f policy.FamilyPlan) float64 { return f.Sigma / 2 }
	caught(t, w, ofTheCanaries, "variance")
}

func TestSigmaTooSmallByHalfIsCaught(t *testing.T) {
	w := newWorld(t, manySchools)
	w.sigma = func(f policy.FamilyPlan) float64 { return f.Sigma / 1.5 }
	caught(t, w, ofTheCanaries, "variance")
}

// Each family's σ is what it would be if the family were alone.
func TestForgottenCompositionIsCaught(t *testing.T) {
	w := newWorld(t, manySchools)
	w.sigma = func(f policy.FamilyPlan) float64 { return f.Sigma * math.Sqrt(f.Share) }
	caught(t, w, ofTheCanaries, "variance")
}

// Each window's σ is what it would be if the window were alone.
func TestForgottenWindowsAreCaught(t *testing.T) {
	w := newWorld(t, manySchools)
	w.sigma = func(f policy.FamilyPlan) float64 { return f.Sigma / math.Sqrt(float64(f.Windows)) }
	caught(t, w, ofTheCanaries, "variance")
}

// The cohort clips by a hundred times the cap: the noise is as planned, and
// only what a pupil adds to one family of three is too much, four times. The
// matched filter, which expects one, is moved by 0.6 + 0.4·4 = 2.2.
func TestAnUnenforcedCapIsCaught(t *testing.T) {
	w := newWorld(t, manySchools)
	p, err := w.plan.Policy.Clone()
	if err != nil {
		t.Fatal(err)
	}
	p.Families[1].Cap *= 100
	if w.folded, err = p.Plan(); err != nil {
		t.Fatal(err)
	}
	caught(t, w, ofTheCanaries, "from what they add as planned")
}

// A gate that draws a second time for one window gives two values of its cells.
func TestAReusedDraftIsCaught(t *testing.T) {
	w := newWorld(t, 100)
	w.after = func(r *release.Release, take func(*release.Release) error) error {
		second := *r
		second.Cells = append([]release.Cell(nil), r.Cells...)
		second.Cells[0].Value++
		return errors.Join(take(r), take(&second))
	}
	caught(t, w, ErrTwice.Error())
}

// An observer of two draws takes their mean: the same pupil shows √2 times as
// much.
func TestTheMeanOfTwoDrawsIsCaught(t *testing.T) {
	w := newWorld(t, manySchools)
	w.sigma = func(f policy.FamilyPlan) float64 { return f.Sigma / math.Sqrt2 }
	caught(t, w, ofTheCanaries, "variance")
}

// The sums of a window hold those of the window before once more.
func TestADuplicateWindowIsCaught(t *testing.T) {
	w := newWorld(t, manySchools)
	w.sums = func(i int, was []*exact.Vector) (*exact.Vector, error) {
		both := exact.New(was[i].Len())
		err := both.Merge(was[i])
		if i > 0 {
			err = errors.Join(err, both.Merge(was[i-1]))
		}
		return both, err
	}
	caught(t, w, ofTheCanaries, "from what they add as planned")
}

// A system that loses the canaries shows nothing of them: an audit that passed
// it would prove nothing.
func TestLostCanariesAreCaught(t *testing.T) {
	w := newWorld(t, 1000)
	w.sums = func(i int, was []*exact.Vector) (*exact.Vector, error) { return exact.New(was[i].Len()), nil }
	caught(t, w, "from what they add as planned")
}
