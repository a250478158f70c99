package policy

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// PeriodDelay is how long after its end a half-term stays open for what arrives
// late.
const PeriodDelay = 14 * 24 * time.Hour

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

// Against gives the cost of changing from old to plan once the windows through
// closed, one of old's weeks, are released. Half-terms that ended PeriodDelay
// before the end of that week count as released; after the last week, all do.
// What is still to be released is charged by the new plan, a half-term that has
// begun included. A year stream that has begun is paid, in every zone, and goes
// on; it cannot change, since its later steps contain the noise of the earlier
// ones. A stream of another name begins anew and pays in full.
func (plan *Plan) Against(old *Plan, closed Window) (Change, error) {
	p, q := old.Policy, plan.Policy
	if p.SchoolYear != q.SchoolYear || p.Timezone != q.Timezone {
		return Change{}, fmt.Errorf("policies of the school years %s (%s) and %s (%s): %w", p.SchoolYear, p.Timezone, q.SchoolYear, q.Timezone, ErrChange)
	}
	if err := plan.checkStreams(old, closed); err != nil {
		return Change{}, err
	}
	c := Change{From: p.Name, FromHash: fmt.Sprintf("%x", old.PolicyHash), Closed: closed.Label, LimitNano: plan.LimitNano, Scale: math.Inf(1)}
	most := int64(0)
	for _, zone := range zonesOf(p, q) {
		z := ZoneChange{Zone: zone, SpentNano: old.charged(zone, closed, true, nil), AheadNano: plan.charged(zone, closed, false, old)}
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

// zonesOf lists the zones of both calendars, in the order of the first.
func zonesOf(policies ...*Policy) []string {
	var names []string
	for _, p := range policies {
		for _, z := range p.Calendar.Zones {
			if !slices.Contains(names, z.Name) {
				names = append(names, z.Name)
			}
		}
	}
	return names
}

// charged adds up what the plan charges a zone for the windows that are released
// through closed, or for the others. Streams that before has begun are free.
func (plan *Plan) charged(zone string, closed Window, released bool, before *Plan) int64 {
	sum := int64(0)
	for _, f := range plan.Families {
		windows := int64(0)
		for _, w := range plan.Policy.Windows(f.Cadence) {
			here := f.Cadence == YearStream || plan.Policy.InSession(zone, w)
			if here && plan.Policy.releasedBy(w, closed) == released {
				windows++
			}
		}
		if f.Cadence == YearStream {
			windows = min(windows, 1)
			if _, paid := before.begun(f.Name, closed); paid {
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
	return f, ok && f.Cadence == YearStream && plan.Policy.releasedBy(weeks[0], closed)
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

// releasedBy says whether closing through a week releases the window.
func (p *Policy) releasedBy(w, closed Window) bool {
	if w.Cadence != Periodic {
		return !w.End.After(closed.End)
	}
	weeks := p.cal().windows[0]
	last := weeks[len(weeks)-1]
	return !closed.End.Before(last.End) || !w.End.Add(PeriodDelay).After(closed.End)
}
