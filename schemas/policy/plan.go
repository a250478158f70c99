package policy

import (
	"fmt"
	"math"
)

const (
	nano = 1e9
	// sigmaMargin covers what noise.Check allows between the σ that was asked
	// for and the σ that the library draws (1e-9), the rounding of floats, and
	// what the sampler's weights are off by.
	sigmaMargin = 1 + 2e-9 + samplerMargin
	// sigmaGrid is the grid to which σ in caps is rounded up, so that every
	// machine plans the same bits.
	sigmaGrid = 1e6
)

// Plan fixes every σ and cost. It needs no data: only the policy.
func (p *Policy) Plan() (*Plan, error) {
	p, err := p.Clone()
	if err != nil {
		return nil, err
	}
	mu, err := Mu(p.Epsilon, p.Delta-DeltaSampler)
	if err != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	plan := &Plan{Policy: p, Mu: mu, LimitNano: int64(math.Floor(mu * mu * nano)), PolicyHash: p.Hash()}
	left := plan.LimitNano
	for _, f := range p.Families {
		fp, err := p.planFamily(f, plan.LimitNano)
		if err != nil {
			return nil, fmt.Errorf("planning family %s: %w", f.Name, err)
		}
		if left -= fp.YearNano(); left < 0 {
			return nil, fmt.Errorf("planning family %s: the shares exceed the year's limit", f.Name)
		}
		plan.Families = append(plan.Families, fp)
	}
	if err := plan.checkSampler(); err != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	if err := plan.refuseUseless(); err != nil {
		return nil, err
	}
	return plan, nil
}

// planFamily buys noise with the family's share: cost = ⌊⌊share·limit⌋/N⌋ and
// σ = sqrt(Δ²/cost), rounded up, so that the true cost is never above the
// charged one. With per_publisher identities one pupil may be m units in the
// same cells, so that Δ grows m-fold, and σ with it.
func (p *Policy) planFamily(f Family, limit int64) (FamilyPlan, error) {
	fp := FamilyPlan{Family: f}
	for _, z := range p.Calendar.Zones {
		fp.Windows = max(fp.Windows, p.ZoneWindows(z.Name, f.Cadence))
	}
	fp.Steps = fp.Windows
	if f.Cadence == YearStream {
		fp.Windows = 1
	}
	if fp.Steps == 0 {
		return fp, fmt.Errorf("the calendar has no %s window", f.Cadence)
	}
	fp.Delta2Caps = f.delta2(fp.Steps)
	fp.CostNanoMu2 = int64(math.Floor(f.Share*float64(limit))) / int64(fp.Windows)
	if fp.CostNanoMu2 < 1 {
		return fp, fmt.Errorf("a share of %v buys less than 1e-9 μ² a window", f.Share)
	}
	sigma := math.Sqrt(fp.Delta2Caps*nano/float64(fp.CostNanoMu2)) * float64(p.identities())
	fp.SigmaCaps = math.Ceil(sigma*sigmaMargin*sigmaGrid) / sigmaGrid
	fp.Sigma = fp.SigmaCaps * float64(f.Cap)
	return fp, nil
}

// delta2 is the squared L2 norm, in caps, of one pupil's largest contribution:
// one cap in each of Cells cells, or one cap for the whole vector when it is
// clipped jointly; a score histogram holds one unit of mass in each cell.
func (f Family) delta2(steps int) float64 {
	switch {
	case f.Cadence == YearStream:
		return float64(f.Cells) * streamDelta2(steps)
	case f.Measure == Outcomes, f.Measure == Minutes:
		return 1
	default:
		return float64(f.Cells)
	}
}

// identities is m: the units that one pupil may be.
func (p *Policy) identities() int {
	if p.Identity.Scope == ScopePerPublisher {
		return p.Identity.Publishers
	}
	return 1
}

// YearNano is what the family costs in a year, in 1e-9 μ².
func (f FamilyPlan) YearNano() int64 { return f.CostNanoMu2 * int64(f.Windows) }

// Family finds a planned family by its name.
func (plan *Plan) Family(name string) (FamilyPlan, bool) {
	for _, f := range plan.Families {
		if f.Name == name {
			return f, true
		}
	}
	return FamilyPlan{}, false
}
