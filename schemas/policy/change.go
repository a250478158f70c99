package policy

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Change is what it costs to change the policy in mid-year. A change is a new
// plan charged on top of what the old one has spent: Gaussian releases compose
// whatever plan they were drawn under, so that the year keeps the new policy's
// promise exactly when the sum stays within the new policy's limit.
type Change struct {
	From      string       `json:"from"`           // the old policy
	FromHash  string       `json:"from_hash"`      // hex
	Closed    string       `json:"closed"`         // the last week released under it
	LimitNano int64        `json:"limit_nano_mu2"` // the new policy's, 1e-9 μ²
	Zones     []ZoneChange `json:"zones"`
	Epsilon   float64      `json:"epsilon"` // of the zone that ends highest, at the new policy's δ
	Fits      bool         `json:"fits"`
	// Scale is what the shares of all that is charged on top may be multiplied by
	// for the change still to fit, to four digits, rounded down (which covers the
	// rounding of costs); 0 when the old policy has spent it all.
	Scale float64 `json:"scale"`
}

// ZoneChange is the account of one zone's pupils, in 1e-9 μ².
type ZoneChange struct {
	Zone      string `json:"zone"`
	SpentNano int64  `json:"spent_nano_mu2"` // under the old plan
	AheadNano int64  `json:"ahead_nano_mu2"` // what the new plan will charge on top
	YearNano  int64  `json:"year_nano_mu2"`
}

// ErrChange means that a year cannot change from the one policy to the other.
var ErrChange = errors.New("impossible change")

// Against gives the cost of changing from old to plan after closed, one of old's
// weeks. The windows that have begun by then, a half-term that goes on included,
// are released and charged under the old plan; all later ones by the new. A year
// stream that has begun is paid, in every zone, and goes on; it cannot change,
// since its later steps contain the noise of the earlier ones. A stream of
// another name begins anew and pays in full.
func (plan *Plan) Against(old *Plan, closed Window) (Change, error) {
	p, q := old.Policy, plan.Policy
	if err := q.keeps(p); err != nil {
		return Change{}, err
	}
	if next := q.First(Weekly); q.From != "" && next != closed.Index+1 {
		return Change{}, fmt.Errorf("the policy is in force from %s on, the week before is not %s: %w", q.From, closed.Label, ErrChange)
	}
	if err := plan.checkStreams(old, closed); err != nil {
		return Change{}, err
	}
	c := Change{From: p.Name, FromHash: fmt.Sprintf("%x", old.PolicyHash), Closed: closed.Label, LimitNano: plan.LimitNano, Scale: math.Inf(1)}
	most := int64(0)
	for _, zone := range p.Calendar.Zones {
		z := ZoneChange{Zone: zone.Name, SpentNano: old.charged(zone.Name, closed, true, nil), AheadNano: plan.charged(zone.Name, closed, false, old)}
		z.YearNano = z.SpentNano + z.AheadNano
		c.Zones = append(c.Zones, z)
		most = max(most, z.YearNano)
		if z.AheadNano > 0 {
			c.Scale = min(c.Scale, float64(max(plan.LimitNano-z.SpentNano, 0))/float64(z.AheadNano))
		}
	}
	if math.IsInf(c.Scale, 1) {
		c.Scale = 1 // nothing is left to release
	}
	c.Scale = math.Floor(1e4*c.Scale) / 1e4
	c.Fits = most <= plan.LimitNano
	c.Epsilon = Epsilon(math.Sqrt(float64(most)/nano), q.Delta-DeltaSampler)
	return c, nil
}

// charged adds up what the plan charges a zone for the windows that have begun
// by the end of closed, or for the others. Streams that the old plan has begun are free.
func (plan *Plan) charged(zone string, closed Window, before bool, old *Plan) int64 {
	sum := int64(0)
	for _, f := range plan.Families {
		windows := int64(0)
		for _, w := range plan.Policy.Windows(f.Cadence) {
			here := f.Cadence == YearStream || plan.Policy.InSession(zone, w)
			if here && begunBy(w, closed) == before {
				windows++
			}
		}
		if f.Cadence == YearStream {
			windows = min(windows, 1)
			if _, paid := old.begun(f.Name, closed); paid {
				windows = 0
			}
		}
		sum += windows * f.CostNanoMu2
	}
	return sum
}

// begun gives the stream of that name, if a step of it is released. No plan has
// begun none.
func (plan *Plan) begun(name string, closed Window) (FamilyPlan, bool) {
	if plan == nil {
		return FamilyPlan{}, false
	}
	f, ok := plan.Family(name)
	weeks := plan.Policy.Windows(YearStream)
	return f, ok && f.Cadence == YearStream && begunBy(weeks[0], closed)
}

// checkStreams reports every stream that has begun and that the new plan changes.
func (plan *Plan) checkStreams(old *Plan, closed Window) error {
	var bad faults
	for _, f := range plan.Families {
		g, begun := old.begun(f.Name, closed)
		same := g.Cadence == f.Cadence && g.Area == f.Area && slices.Equal(g.By, f.By) && g.Cells == f.Cells && g.Steps == f.Steps && g.Sigma == f.Sigma
		bad.wantf(!begun || same, "family %s: a year stream that has begun keeps its definition and σ (%v, now %v): give the new one another name: %w",
			f.Name, g.Sigma, f.Sigma, ErrChange)
	}
	return errors.Join(bad...)
}

// begunBy says whether a window begins before the end of a week.
func begunBy(w, closed Window) bool { return w.Start.Before(closed.End) }
