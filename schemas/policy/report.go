package policy

import (
	"encoding/hex"
	"errors"
	"math"

	"brume/schemas/registry"
)

// ErrUseless means that a family's planned noise drowns what it counts.
var ErrUseless = errors.New("useless family")

// Report is what a plan costs and what errors to expect, before any data. It is
// what `brume policy plan` prints.
type Report struct {
	Policy       string         `json:"policy"`
	SchoolYear   string         `json:"school_year"`
	PolicyHash   string         `json:"policy_hash"`
	Epsilon      float64        `json:"epsilon"`
	Delta        float64        `json:"delta"`
	DeltaSampler float64        `json:"delta_sampler"` // the part of delta kept for the sampler
	Mu           float64        `json:"mu"`
	Rho          float64        `json:"rho"` // zCDP: μ²/2
	Identity     string         `json:"identity"`
	Identities   int            `json:"identities"` // m: units that one pupil may be
	LimitNano    int64          `json:"limit_nano_mu2"`
	PlannedNano  int64          `json:"planned_nano_mu2"`
	PlannedEps   float64        `json:"planned_epsilon"` // what the planned part of the budget comes to, at the same δ
	PlannedDelta float64        `json:"planned_delta"`   // and at the same ε, the sampler's part included
	Assumptions  Assumptions    `json:"assumptions"`
	Families     []FamilyReport `json:"families"`
	Change       *Change        `json:"change,omitempty"` // set by those who ask about one
}

// FamilyReport is one family's line.
type FamilyReport struct {
	Name        string          `json:"name"`
	Cadence     Cadence         `json:"cadence"`
	Area        Area            `json:"area"`
	By          []Dimension     `json:"by"`
	Measure     Measure         `json:"measure"`
	Cells       int             `json:"cells"`
	Cap         int64           `json:"cap"`
	Share       float64         `json:"share"`
	Windows     int             `json:"windows"`
	Delta2Caps  float64         `json:"delta2_caps"`
	SigmaCaps   float64         `json:"sigma_caps"`
	Sigma       float64         `json:"sigma"`
	Unit        string          `json:"unit"` // of cap and sigma
	CostNano    int64           `json:"window_nano_mu2"`
	YearNano    int64           `json:"year_nano_mu2"`
	Errors      []ExpectedError `json:"expected_errors"`
	Useless     bool            `json:"useless"` // above max_error: kept by force only
	Unsupported string          `json:"unsupported,omitempty"`
}

// Report judges the plan. With a registry the nation and the nomenclatures are
// the registry's; nil judges it by typical figures.
func (plan *Plan) Report(reg *registry.Registry) Report {
	p, a := plan.Policy, assume(reg)
	r := Report{
		Policy: p.Name, SchoolYear: p.SchoolYear, PolicyHash: hex.EncodeToString(plan.PolicyHash[:]),
		Epsilon: p.Epsilon, Delta: p.Delta, DeltaSampler: DeltaSampler,
		Mu: plan.Mu, Rho: plan.Mu * plan.Mu / 2,
		Identity: p.Identity.Scope, Identities: p.identities(), LimitNano: plan.LimitNano, Assumptions: a,
	}
	for _, f := range plan.Families {
		fr := FamilyReport{
			Name: f.Name, Cadence: f.Cadence, Area: f.Area, By: append([]Dimension{}, f.By...), Measure: f.Measure,
			Cells: f.Cells, Cap: f.Cap, Share: f.Share, Windows: f.Windows, Delta2Caps: f.Delta2Caps,
			SigmaCaps: f.SigmaCaps, Sigma: f.Sigma, Unit: f.unit(), CostNano: f.CostNanoMu2, YearNano: f.YearNano(),
			Errors: a.errors(f),
		}
		fr.Useless = a.best(f).Relative > p.MaxError
		if err := f.Supported(); err != nil {
			fr.Unsupported = err.Error()
		}
		r.PlannedNano += fr.YearNano
		r.Families = append(r.Families, fr)
	}
	planned := math.Sqrt(float64(r.PlannedNano) / nano)
	r.PlannedEps = Epsilon(planned, p.Delta-DeltaSampler)
	r.PlannedDelta = Delta(planned, p.Epsilon) + DeltaSampler
	return r
}

// refuseUseless refuses, all at once, the families whose planned error is above
// the policy's bound even in the largest typical area of their grain.
func (plan *Plan) refuseUseless() error {
	a := assume(nil)
	var f faults
	for _, family := range plan.Families {
		if e := a.best(family); e.Relative > plan.Policy.MaxError && !family.Force {
			f.addf("family %s: %w: in %s a typical cell is worth %.3g and its noise has deviation %.3g (%.0f %%, above the bound of %.0f %%): "+
				"give it a larger share or fewer dimensions, or force: true",
				family.Name, ErrUseless, e.Level, e.Value, e.Error, 100*e.Relative, 100*plan.Policy.MaxError)
		}
	}
	return errors.Join(f...)
}
