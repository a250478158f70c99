package privacy

import (
	"errors"
	"fmt"
	"math"
)

// Report is what an audit found.
type Report struct {
	Claim      float64 `json:"mu_claimed"`     // what the ledger charged a pupil for these releases
	Planned    float64 `json:"mu_of_canary"`   // what the plan says that a canary shows
	LowerBound float64 `json:"mu_lower_bound"` // at the confidence
	Confidence float64 `json:"confidence"`
	Estimate   float64 `json:"mu_estimate"` // of the same error rates, without confidence
	Presence   float64 `json:"presence"`    // standard errors by which the canaries differ from their planned sums
	Guesses

	Releases int      `json:"releases"`
	Families []Family `json:"families"`
}

// Family says how far a family's noise is from the planned one.
type Family struct {
	Name    string   `json:"name"`
	Cells   int      `json:"cells"`
	Sigma   float64  `json:"sigma"`
	Ratio   float64  `json:"ratio"`   // measured deviation over the planned one, a stream whitened
	Allowed float64  `json:"allowed"` // how far from 1 the planner may be off: 1 %, or 4 standard errors; a fault is what 6 of them exceed
	Faults  []string `json:"faults,omitempty"`
}

// Check returns every way in which the year breaks its promise, or in which
// the audit proves nothing.
func (r Report) Check() error {
	var faults []error
	wantf := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	wantf(r.LowerBound <= r.Claim, "canaries: μ is at least %.4f at %g %% confidence, claimed %.4f", r.LowerBound, 100*r.Confidence, r.Claim)
	wantf(math.Abs(r.Presence) <= bound, "canaries: %.1f standard errors from what they add as planned", r.Presence)
	wantf(r.Planned > 0 && r.Planned <= r.Claim*(1+1e-6), "canaries: planned to show μ = %.4f of the claimed %.4f", r.Planned, r.Claim)
	for _, f := range r.Families {
		for _, fault := range f.Faults {
			wantf(false, "family %s: %s", f.Name, fault)
		}
	}
	return errors.Join(faults...)
}
