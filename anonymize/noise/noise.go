// Package noise draws the Gaussian noise of released cells with Google's
// differential-privacy library.
//
// Noise is drawn around zero, rounded to an integer and added to the exact sum
// in integer arithmetic: adding it in floating point would leak through the
// rounding of the sum. A draw is never repeated: callers MUST keep the first one
// of a cell, since the mean of several tends to the exact sum. Only the gate
// draws, never inside a request.
package noise

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"sync/atomic"

	dp "github.com/google/differential-privacy/go/v3/noise"
)

// The library takes privacy parameters and no σ. For ε = 1, δ = 1e-5 it draws
// with σ0 per unit of sensitivity, so that a sensitivity of σ/σ0 gives σ.
const (
	epsilon = 1
	delta   = 1e-5
)

// The range of σ that is drawn, in units: below it the noise is rounded to
// nothing, above it a float64 no longer holds every integer within 9σ, the
// farthest that the library draws.
const (
	MinSigma = 1e-3
	MaxSigma = 1 << 48
)

// tolerance is how far, relatively, the library's σ may lie from the one asked
// for. Plans add more than twice as much to every σ.
const tolerance = 1e-9

var (
	// ErrSigma means that noise of this deviation cannot be drawn.
	ErrSigma = errors.New("sigma cannot be drawn")
	// ErrOverflow means that a noised sum does not fit 64 bits.
	ErrOverflow = errors.New("noised sum overflows")
)

var (
	gaussian = dp.Gaussian()
	sigma0   = dp.SigmaForGaussian(1, 1, epsilon, delta)

	// The library logs through glog, which writes files in the temporary folder
	// unless it is told otherwise.
	errQuiet = flag.Set("logtostderr", "true")

	// checked holds the bits of the last σ that passed Check.
	checked atomic.Uint64
)

// Check asserts that the library draws noise of standard deviation sigma within
// a relative 1e-9: its search for σ must stop at the same step for a
// sensitivity of σ/σ0 as for 1. The gate MUST call it for every σ of the plan
// before it starts.
func Check(sigma float64) error {
	if errQuiet != nil {
		return fmt.Errorf("keeping the noise library from writing log files: %w", errQuiet)
	}
	if !(sigma >= MinSigma && sigma <= MaxSigma) {
		return fmt.Errorf("%w: %v is not within [%v, 2⁴⁸]", ErrSigma, sigma, MinSigma)
	}
	got := dp.SigmaForGaussian(1, sigma/sigma0, epsilon, delta)
	if math.Abs(got-sigma) > tolerance*sigma {
		return fmt.Errorf("%w: the library would draw %v instead of %v", ErrSigma, got, sigma)
	}
	return nil
}

// Draw gives one rounded Gaussian draw of mean zero and standard deviation
// sigma, in units. It checks a σ that differs from the last one, so that noise
// of another deviation is never drawn.
func Draw(sigma float64) (int64, error) {
	z, err := Real(sigma)
	if err != nil {
		return 0, err
	}
	return Round(z)
}

// Real gives the draw before it is rounded: a year stream weighs and adds up
// several, and rounds their sum once.
func Real(sigma float64) (float64, error) {
	if bits := math.Float64bits(sigma); bits == 0 || checked.Load() != bits {
		if err := Check(sigma); err != nil {
			return 0, err
		}
		checked.Store(bits)
	}
	z, err := gaussian.AddNoiseFloat64(0, 1, sigma/sigma0, epsilon, delta)
	if err != nil {
		return 0, fmt.Errorf("drawing noise: %w", err)
	}
	return z, nil
}

// Round refuses what does not fit: the noise of a valid σ always does.
func Round(z float64) (int64, error) {
	r := math.Round(z)
	if !(math.Abs(r) < 1<<62) {
		return 0, ErrOverflow
	}
	return int64(r), nil
}

// Add adds a draw to an exact sum. An overflow is an error and not a
// saturation: sums of a valid policy never come near it.
func Add(exact, draw int64) (int64, error) {
	sum := exact + draw
	if (draw > 0 && sum < exact) || (draw < 0 && sum > exact) {
		return 0, ErrOverflow
	}
	return sum, nil
}
