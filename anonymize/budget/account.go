// Package budget is the accountant of the school year: what releases cost, what
// is spent, and what is left, zone by zone, in integer nano-μ².
//
// Two accounts are kept of it. The ledger's own chain decides what is a valid
// charge; every gate writes to it through a Book. An Account adds the same
// charges up apart from the chain, and is what auditors compare it with.
package budget

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"brume/schemas/ledger"
	"brume/schemas/policy"
)

var (
	// ErrExceeded means that a charge would pass the year's limit.
	ErrExceeded = errors.New("privacy budget exceeded")
	// ErrCost means that a cost has no meaning: negative, unnamed, or beyond 64 bits.
	ErrCost = errors.New("invalid cost")
)

// Cost is what one family of a release costs the pupils of one zone, in 1e-9 μ².
type Cost = ledger.Cost

// Costs lists what the release of a window costs: each family of its cadence,
// in policy order, in each zone in session, in calendar order. For a step of
// year streams it is what the year's first step costs, in every zone: a Book
// charges it once.
func Costs(plan *policy.Plan, w policy.Window) []Cost {
	var costs []Cost
	for _, f := range plan.Families {
		if f.Cadence != w.Cadence {
			continue
		}
		for _, z := range plan.Policy.Calendar.Zones {
			if f.Cadence == policy.YearStream || plan.Policy.InSession(z.Name, w) {
				costs = append(costs, Cost{Family: f.Name, Zone: z.Name, Nano: f.CostNanoMu2})
			}
		}
	}
	return costs
}

// Streams lists the year streams of which a window's release is a step, in
// policy order.
func Streams(plan *policy.Plan, w policy.Window) (families []string) {
	for _, f := range plan.Families {
		if f.Cadence == w.Cadence && f.Cadence == policy.YearStream {
			families = append(families, f.Name)
		}
	}
	return families
}

// Account holds what each zone has spent of one year's limit. It is not safe
// for concurrent use.
type Account struct {
	limit int64
	spent map[string]int64
}

// NewAccount opens an account with a limit in 1e-9 μ² (Plan.LimitNano).
func NewAccount(limit int64) *Account {
	return &Account{limit: max(limit, 0), spent: make(map[string]int64)}
}

// Charge adds the costs of a release, all or none: when one zone would pass the
// limit nothing changes, and the error, ErrExceeded, names the zone and the
// family.
func (a *Account) Charge(costs []Cost) error {
	after, err := a.add(costs, a.limit)
	if err != nil {
		return err
	}
	a.spent = after
	return nil
}

// Replay adds costs that the ledger already holds. They are spent whatever the
// limit says: a year whose limit was lowered shows more than its limit, and
// nothing remains.
func (a *Account) Replay(costs []Cost) error {
	after, err := a.add(costs, math.MaxInt64)
	if err != nil {
		return err
	}
	a.spent = after
	return nil
}

// add gives what the zones will have spent, within the limit.
func (a *Account) add(costs []Cost, limit int64) (map[string]int64, error) {
	after := maps.Clone(a.spent)
	for _, c := range costs {
		if c.Nano < 0 || c.Zone == "" || c.Family == "" {
			return nil, fmt.Errorf("charging zone %q, family %q, %d nano-μ²: %w", c.Zone, c.Family, c.Nano, ErrCost)
		}
		if left := limit - after[c.Zone]; c.Nano > left {
			kind := ErrExceeded
			if limit == math.MaxInt64 {
				kind = ErrCost
			}
			return nil, fmt.Errorf("charging zone %s, family %s: %d nano-μ² asked, %d left: %w",
				c.Zone, c.Family, c.Nano, max(left, 0), kind)
		}
		after[c.Zone] += c.Nano
	}
	return after, nil
}

// Spent is the most that any zone has spent, in 1e-9 μ²: a pupil is in one zone
// a window. A pupil who changed zone may have met the windows of both, and is
// held to the limit by the yearly meter only, which stops at the plan's N.
func (a *Account) Spent() int64 {
	most := int64(0)
	for _, spent := range a.spent {
		most = max(most, spent)
	}
	return most
}

// SpentBy is what one zone has spent.
func (a *Account) SpentBy(zone string) int64 { return a.spent[zone] }

// Zones lists, sorted, the zones that have spent.
func (a *Account) Zones() []string { return slices.Sorted(maps.Keys(a.spent)) }

// Limit is the year's limit.
func (a *Account) Limit() int64 { return a.limit }

// Remaining is what the zone that has spent most has left; never negative.
func (a *Account) Remaining() int64 { return max(a.limit-a.Spent(), 0) }

// EpsilonSpent gives the smallest ε such that all that is spent is (ε, delta)-DP,
// rounded up. The sampler's part of δ is set aside, as in the plan.
func (a *Account) EpsilonSpent(delta float64) float64 {
	return policy.Epsilon(math.Sqrt(float64(a.Spent())*1e-9), delta-policy.DeltaSampler)
}
