package policy

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// First gives the index of the first window of a cadence that the policy decides
// on: all windows that begin before From are those of the policy before it. It
// is their number when none is left.
func (p *Policy) First(c Cadence) int {
	windows := p.Windows(c)
	monday, err := weekStart(p.From, p.Location())
	if p.From == "" || err != nil {
		return 0
	}
	for _, w := range windows {
		if !w.Start.Before(monday) {
			return w.Index
		}
	}
	return len(windows)
}

// Follows requires that the policy may replace another of its school year: it
// says from when on, and leaves calendar and identity as they are. A window would
// else not be the same one under both, nor a pupil.
func (p *Policy) Follows(before *Policy) error {
	if err := p.keeps(before); err != nil {
		return err
	}
	if p.First(Weekly) <= before.First(Weekly) {
		return fmt.Errorf("from: %q does not come after that of policy %s, %q: %w", p.From, before.Name, before.From, ErrChange)
	}
	return nil
}

// keeps requires that a policy has the year, calendar and identity of another.
func (p *Policy) keeps(old *Policy) error {
	var bad faults
	bad.wantf(p.SchoolYear == old.SchoolYear && p.Timezone == old.Timezone, "policies of the school years %s (%s) and %s (%s): %w",
		old.SchoolYear, old.Timezone, p.SchoolYear, p.Timezone, ErrChange)
	bad.wantf(reflect.DeepEqual(p.Calendar, old.Calendar), "calendar: it cannot change in mid-year: %w", ErrChange)
	a, b := p.Identity, old.Identity
	bad.wantf(a.Scope == b.Scope && a.Publishers == b.Publishers && slices.Equal(sorted(a.HomePages), sorted(b.HomePages)),
		"identity: it cannot change in mid-year, pupils would be counted anew: %w", ErrChange)
	return errors.Join(bad...)
}

func sorted(values []string) []string { return slices.Sorted(slices.Values(values)) }

// CheckSuccession requires of several plans of one school year that each follows
// the one listed before it, and that the first decides on the whole year.
func CheckSuccession(plans []*Plan) error {
	var bad faults
	last := map[string]*Policy{}
	for _, plan := range plans {
		p := plan.Policy
		if before := last[p.SchoolYear]; before == nil {
			bad.wantf(p.From == "", "policy %s: from: %q: the policy that it replaces MUST be listed before it: %w", p.Name, p.From, ErrChange)
		} else if err := p.Follows(before); err != nil {
			bad.addf("policy %s: %w", p.Name, err)
		}
		last[p.SchoolYear] = p
	}
	return errors.Join(bad...)
}

// Present keeps the last plan of each school year.
func Present(plans []*Plan) []*Plan {
	var present []*Plan
	for _, plan := range plans {
		same := func(p *Plan) bool { return p.Policy.SchoolYear == plan.Policy.SchoolYear }
		if i := slices.IndexFunc(present, same); i >= 0 {
			present[i] = plan
		} else {
			present = append(present, plan)
		}
	}
	return present
}

// Of keeps the plans of a school year.
func Of(plans []*Plan, year string) []*Plan {
	return slices.DeleteFunc(slices.Clone(plans), func(p *Plan) bool { return p.Policy.SchoolYear != year })
}

// Under gives the plan that decides on a window: the last of its school year to
// begin by then, nil without any.
func Under(plans []*Plan, w Window) (under *Plan) {
	for _, plan := range Of(plans, w.Year) {
		if w.Index >= plan.Policy.First(w.Cadence) {
			under = plan
		}
	}
	return under
}
