package query

import (
	"errors"
	"math"
)

// State says how far a figure may be relied on.
type State string

// The states. Incomplete is a property of the release and stands beside them.
const (
	Published  State = "published"
	Unreliable State = "unreliable" // the range only
	Masked     State = "masked"     // a public fact forbids it; carries no value
	NoData     State = "nodata"
)

// Limits decide states, from public facts and noisy values only.
type Limits struct {
	MinEnrolment      uint32  `koanf:"min_enrolment" yaml:"min_enrolment"`             // below: masked
	MinEnrolmentRates uint32  `koanf:"min_enrolment_rates" yaml:"min_enrolment_rates"` // below: rates masked
	RelativeHalfWidth float64 `koanf:"relative_half_width" yaml:"relative_half_width"` // above: a count is unreliable
	RateHalfWidth     float64 `koanf:"rate_half_width" yaml:"rate_half_width"`         // above: a rate is unreliable
}

// DefaultLimits are the limits of the design: 11 and 20 pupils, 30 % and 10 points.
func DefaultLimits() Limits {
	return Limits{MinEnrolment: 11, MinEnrolmentRates: 20, RelativeHalfWidth: 0.30, RateHalfWidth: 0.10}
}

// Validate reports all faults at once.
func (l Limits) Validate() error {
	var faults []error
	if !(l.RelativeHalfWidth > 0) {
		faults = append(faults, errors.New("limits.relative_half_width: must be positive"))
	}
	if !(l.RateHalfWidth > 0) {
		faults = append(faults, errors.New("limits.rate_half_width: must be positive"))
	}
	return errors.Join(faults...)
}

// z is the 97.5 % quantile of the normal law: intervals cover 95 %.
const z = 1.959963984540054

// Figure is a value with its 95 % interval, which covers the noise only.
// Counts are in units and may be negative; rates are fractions of 1.
type Figure struct {
	Value, Sigma float64
	Low, High    float64
	State        State
}

// HalfWidth is half of the interval.
func (f Figure) HalfWidth() float64 { return (f.High - f.Low) / 2 }

// moments is an unbiased value and the variance of its noise.
type moments struct{ value, variance float64 }

func (l Limits) count(m moments, enrolment uint32) Figure {
	if enrolment > 0 && enrolment < l.MinEnrolment {
		return Figure{State: Masked}
	}
	sigma := math.Sqrt(m.variance)
	f := Figure{Value: m.value, Sigma: sigma, Low: m.value - z*sigma, High: m.value + z*sigma, State: Published}
	if z*sigma > l.RelativeHalfWidth*math.Max(math.Abs(m.value), 1) {
		f.State = Unreliable
	}
	return f
}

// share is a count over a public enrolment, which carries no noise.
func (l Limits) share(m moments, enrolment uint32) Figure {
	if enrolment == 0 {
		return Figure{State: NoData}
	}
	if enrolment < l.MinEnrolmentRates {
		return Figure{State: Masked}
	}
	n := float64(enrolment)
	sigma := math.Sqrt(m.variance) / n
	f := Figure{Value: m.value / n, Sigma: sigma, State: Published}
	f.Low, f.High = f.Value-z*sigma, f.Value+z*sigma
	if z*sigma > l.RateHalfWidth {
		f.State = Unreliable
	}
	return f
}

// rate is successes/(successes+failures) with Fieller's interval.
func (l Limits) rate(successes, failures moments, enrolment uint32) Figure {
	if enrolment > 0 && enrolment < l.MinEnrolmentRates {
		return Figure{State: Masked}
	}
	low, high, bounded := fieller(successes, failures)
	attempts := successes.value + failures.value
	f := Figure{Low: clamp(low), High: clamp(high), Sigma: (high - low) / (2 * z), State: Published}
	if !bounded || attempts <= 0 {
		return Figure{Value: 0.5, Sigma: 0.5 / z, Low: 0, High: 1, State: Unreliable}
	}
	f.Value = clamp(successes.value / attempts)
	if f.HalfWidth() > l.RateHalfWidth {
		f.State = Unreliable
	}
	return f
}

// fieller returns the 95 % confidence set of s/(s+f) for independent noisy s
// and f: all θ with (s − θ(s+f))² ≤ z²·Var(s − θ(s+f)). The set is an interval
// only when the total differs from zero by more than its noise (Fieller 1954).
func fieller(s, f moments) (low, high float64, bounded bool) {
	total := moments{s.value + f.value, s.variance + f.variance}
	a := total.value*total.value - z*z*total.variance
	b := s.value*total.value - z*z*s.variance // Cov(s, s+f) = Var(s)
	c := s.value*s.value - z*z*s.variance
	root := b*b - a*c
	if a <= 0 || root < 0 {
		return 0, 1, false
	}
	return (b - math.Sqrt(root)) / a, (b + math.Sqrt(root)) / a, true
}

func clamp(x float64) float64 { return math.Min(1, math.Max(0, x)) }

// Change is the difference between two figures with independent noise, and its
// 95 % interval (Zou and Donner's MOVER: from the two intervals alone; for
// counts it is the interval of the variance of the difference).
type Change struct {
	Delta, Low, High float64
	Valid            bool // both figures have values that may be compared
}

// Conclusive reports whether the difference exceeds the noise.
func (c Change) Conclusive() bool { return c.Valid && (c.Low > 0 || c.High < 0) }

// Difference compares now with before.
func Difference(now, before Figure) Change {
	for _, f := range []Figure{now, before} {
		if f.State != Published && f.State != Unreliable {
			return Change{}
		}
	}
	d := now.Value - before.Value
	return Change{
		Delta: d,
		Low:   d - math.Hypot(now.Value-now.Low, before.High-before.Value),
		High:  d + math.Hypot(now.High-now.Value, before.Value-before.Low),
		Valid: true,
	}
}
