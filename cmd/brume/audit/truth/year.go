package truth

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"brume/schemas/policy"
	"brume/schemas/registry"
)

// ErrChoice says that a pupil was in more cells or schools than may count:
// which ones do is chosen by a secret key, so the auditor cannot know it. A
// history to be audited has no such pupil.
var ErrChoice = errors.New("the history leaves a choice to the secret key")

// Year holds what was sent about the windows that are not yet summed.
type Year struct {
	plan    *policy.Plan
	zones   map[string]string // by UAI
	depts   map[string]string // by UAI
	known   [3]map[string]bool
	spans   map[string]map[string][]span // by cadence and zone
	windows map[Window]map[account][]Fact
	ever    map[account]bool // active in a window that is summed
	totals  Sums             // of the year streams
	closed  map[string]int   // by cadence: summed up to this index
}

type account struct{ home, name string }

// span is a zone's own window: half-terms end on dates of the zone's own.
type span struct {
	index int
	end   time.Time
}

// NewYear begins a year in which nothing was sent.
func NewYear(plan *policy.Plan, reg *registry.Registry) *Year {
	y := &Year{
		plan: plan, zones: map[string]string{}, depts: map[string]string{}, windows: map[Window]map[account][]Fact{},
		ever: map[account]bool{}, totals: Sums{}, closed: map[string]int{week: -1, period: -1},
	}
	zone := map[string]string{}
	for _, d := range reg.Departments {
		zone[d.Code] = d.Zone
	}
	for _, s := range reg.Schools {
		y.zones[s.UAI.String()], y.depts[s.UAI.String()] = zone[s.Department], s.Department
	}
	y.spans = map[string]map[string][]span{week: spans(plan.Policy, policy.Weekly), period: spans(plan.Policy, policy.Periodic)}
	for i := range y.known {
		y.known[i] = map[string]bool{}
	}
	for _, t := range reg.Levels {
		y.known[0][t.Code] = true
	}
	for _, t := range reg.Subjects {
		y.known[1][t.Code] = true
	}
	for _, t := range reg.Tools {
		y.known[2][t.Code] = true
	}
	return y
}

const (
	week   = string(policy.Weekly)
	period = string(policy.Periodic)
)

// spans lists each zone's windows, in order.
func spans(p *policy.Policy, cadence policy.Cadence) map[string][]span {
	ends := map[string]time.Time{}
	for _, w := range p.Windows(policy.Weekly) {
		ends[w.Label] = w.End
	}
	out := map[string][]span{}
	for _, z := range p.Calendar.Zones {
		for _, h := range z.HalfTerms {
			ends[h.Name] = ends[h.Last]
		}
		for _, w := range p.Windows(cadence) {
			if p.InSession(z.Name, w) {
				out[z.Name] = append(out[z.Name], span{w.Index, ends[w.Label]})
			}
		}
	}
	return out
}

// Add takes a statement that is sent now: after the sums that were taken, and
// before the others. Whether it counts at all is decided by its week.
func (y *Year) Add(f Fact) {
	if !slices.Contains(y.plan.Policy.Identity.HomePages, f.Home) {
		return
	}
	if _, known := y.zones[f.School]; !known {
		f.School = ""
	}
	for i, code := range []*string{&f.Level, &f.Subject, &f.Tool} {
		if !y.known[i][*code] {
			*code = registry.Other
		}
	}
	zone := y.plan.Policy.Calendar.OtherZone
	if f.School != "" {
		zone = y.zones[f.School]
	}
	if weeks, ok := y.behind(zone, f.Time); ok && weeks <= y.plan.Policy.LateWindows && y.put(zone, week, f) {
		y.put(zone, period, f)
	}
}

// put files a statement under the zone's first window that ends after it and
// is not yet summed; false when there is none.
func (y *Year) put(zone, cadence string, f Fact) bool {
	for _, s := range y.spans[cadence][zone] {
		if !s.end.After(f.Time) || s.index <= y.closed[cadence] {
			continue
		}
		w, who := Window{cadence, s.index}, account{f.Home, f.Name}
		if y.windows[w] == nil {
			y.windows[w] = map[account][]Fact{}
		}
		y.windows[w][who] = append(y.windows[w][who], f)
		return true
	}
	return false
}

// behind is by how many weeks a statement is late: 0 or less when it is not.
func (y *Year) behind(zone string, at time.Time) (weeks int, ok bool) {
	if start, end := y.plan.Policy.Bounds(); at.Before(start) || !at.Before(end) {
		return 0, false
	}
	for _, s := range y.spans[week][zone] {
		if s.end.After(at) {
			return y.closed[week] - s.index + 1, true
		}
	}
	return 0, false
}

// Close sums a window: what is sent afterwards counts in a later one. Windows
// of a cadence MUST be closed in order. A week's sums come with those of the
// year streams' step.
func (y *Year) Close(w policy.Window) (Sums, error) {
	name := Window{string(w.Cadence), w.Index}
	sums := Sums{}
	for who, facts := range y.windows[name] {
		home, err := home(facts)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Label, err)
		}
		if err := y.contribute(sums, w, home, facts); err != nil {
			return nil, fmt.Errorf("%s: %w", w.Label, err)
		}
		if name.Cadence == week && !y.ever[who] {
			y.ever[who] = true
			y.begin(home, facts)
		}
	}
	if name.Cadence == week {
		for c, n := range y.totals {
			sums[c] = n
		}
	}
	delete(y.windows, name)
	y.closed[name.Cadence] = w.Index
	return sums, nil
}

// home is the school that a pupil counts in: a known one before an unknown one.
func home(facts []Fact) (school string, err error) {
	for _, f := range facts {
		if school != "" && f.School != "" && f.School != school {
			return "", fmt.Errorf("two schools: %w", ErrChoice)
		}
		school = max(school, f.School)
	}
	return school, nil
}
