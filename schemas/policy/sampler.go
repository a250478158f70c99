package policy

import (
	"errors"
	"fmt"
	"math"
)

// DeltaSampler is the part of δ kept for the sampler, a discretised Gaussian of
// the noise library that is cut off. A value that one of two neighbours can give
// and the other cannot lies beyond the cut; checkSampler adds up the chances of
// that over all draws of a year that a pupil can move. Plans are computed for
// δ − DeltaSampler.
const DeltaSampler = 1e-11

const (
	// samplerReach is where the sampler cuts off, in σ: it draws m/(√n/2) with
	// 2⁵⁶ ≤ √n ≤ 2⁵⁷ and nothing beyond √n·√(½·ln √n), which is √(2·ln √n) ≥ 8.81 σ.
	samplerReach = 8.8
	// samplerError bounds how far one draw moves ε within the cut, where a weight
	// is off by a relative 1e-14: the error of an exponential whose argument is
	// below 39. The 2,300 draws of a built-in plan move ε by 5e-11.
	samplerError = 2e-14
	// samplerMargin is what pays for it: σ is larger by this part, and so ε smaller
	// by this part at least (dε/ε is 1.04 to 1.23 times dμ/μ for all ε up to 16).
	samplerMargin = 1e-8
)

// errSampler means that a plan's noise is beyond what is known of the sampler.
var errSampler = errors.New("the noise library is not exact enough for this plan")

// moved counts the draws of a year that one pupil can move, and bounds by how
// many σ each.
func (f FamilyPlan) moved(identities int) (draws int, shift float64) {
	return f.Steps * f.Cells * len(f.Measure.Values()) * identities, float64(identities) / f.SigmaCaps
}

// checkSampler refuses a plan of which DeltaSampler and sigmaMargin do not cover
// the sampler's imperfection: one with too many draws, or with so little noise
// that one pupil moves a draw by several σ.
func (plan *Plan) checkSampler() error {
	draws, beyond := 0, 0.0
	for _, f := range plan.Families {
		n, shift := f.moved(plan.Policy.identities())
		draws += n
		beyond += float64(n) * math.Erfc((samplerReach-shift)/math.Sqrt2) / 2
	}
	if most := samplerMargin * plan.Policy.Epsilon / samplerError; float64(draws) > most {
		return fmt.Errorf("one pupil moves %d draws of noise a year, above %.0f: %w", draws, most, errSampler)
	}
	if beyond > DeltaSampler {
		return fmt.Errorf("one pupil moves a draw by so much that the cut tails weigh %.1g of δ, above %v: %w", beyond, DeltaSampler, errSampler)
	}
	return nil
}
