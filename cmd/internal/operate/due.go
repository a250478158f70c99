package operate

import (
	"context"
	"time"

	"brume/schemas/policy"
	"brume/schemas/registry"
)

// A week is closed at three in the morning on the Thursday after it; a half-term
// two weeks after its end.
const (
	graceWeek     = 3*24*time.Hour + 3*time.Hour
	graceHalfTerm = 14 // days
)

// Due lists, of each cadence, the last window that the clock closes by the
// instant, and so all before it.
func Due(p *policy.Policy, at time.Time) (due []policy.Window) {
	if w, ok := p.Through(policy.Weekly, at.Add(-graceWeek)); ok {
		due = append(due, w)
	}
	if w, ok := lastHalfTerm(p, at); ok {
		due = append(due, w)
	}
	return due
}

// Through lists what closing through a window closes: with a week, also the last
// half-term that ended two weeks before the week's end, and all of them with the
// year's last week, if any plan of the year has half-terms.
func Through(plans []*policy.Plan, w policy.Window) []policy.Window {
	if w.Cadence != policy.Weekly {
		return []policy.Window{w}
	}
	for _, plan := range policy.Of(plans, w.Year) {
		p, at := plan.Policy, w.End
		if w.Index == len(p.Windows(policy.Weekly))-1 {
			_, at = p.Bounds()
			at = at.AddDate(0, 0, graceHalfTerm)
		}
		if half, ok := lastHalfTerm(p, at); ok {
			return []policy.Window{w, half}
		}
	}
	return []policy.Window{w}
}

// lastHalfTerm gives the last half-term whose time has come, if the policy
// releases half-terms.
func lastHalfTerm(p *policy.Policy, at time.Time) (policy.Window, bool) {
	for _, f := range p.Families {
		if f.Cadence == policy.Periodic {
			return p.Through(policy.Periodic, at.In(p.Location()).AddDate(0, 0, -graceHalfTerm))
		}
	}
	return policy.Window{}, false
}

// CloseThrough closes what Through lists.
func (o Operator) CloseThrough(ctx context.Context, plans []*policy.Plan, w policy.Window) error {
	for _, w := range Through(plans, w) {
		if err := o.Close(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// Releases lists what is released once everything through a window is closed: all
// windows of what Through lists, and with weeks the steps of the year's streams,
// where their plan has such families and the registry an area in session. A partition that lost statements
// may have ended the streams.
func Releases(plans []*policy.Plan, reg *registry.Registry, w policy.Window) (out []policy.Window) {
	for _, last := range Through(plans, w) {
		cadences := []policy.Cadence{last.Cadence}
		if last.Cadence == policy.Weekly {
			cadences = append(cadences, policy.YearStream)
		}
		for _, c := range cadences {
			for _, w := range policy.Under(plans, last).Policy.Windows(c)[:last.Index+1] {
				if policy.Under(plans, w).Layout(reg, w).Len() > 0 {
					out = append(out, w)
				}
			}
		}
	}
	return out
}
