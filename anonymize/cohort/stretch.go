package cohort

import (
	"errors"
	"fmt"
	"strings"

	"brume/anonymize/pseudonym"
	"brume/schemas/policy"
	"brume/schemas/registry"
)

// stretch is a part of the year that is folded under one plan: the windows of
// each cadence from these on.
type stretch struct {
	year  *Year
	first [cadences]int
}

// NewYears prepares a school year whose plan changes in mid-year: each plan
// replaces the one before it. It returns the year under the last; a partition
// folds under the others until a CONFIG record says so, and their windows later.
func NewYears(plans []*policy.Plan, reg *registry.Registry, key *pseudonym.Key) (*Year, error) {
	if len(plans) == 0 {
		return nil, errors.New("a school year needs a plan")
	}
	if err := policy.CheckSuccession(plans); err != nil {
		return nil, err
	}
	var last *Year
	for _, plan := range plans {
		y, err := NewYear(plan, reg, key)
		if err != nil {
			return nil, fmt.Errorf("policy %s: %w", plan.Policy.Name, err)
		}
		y.before = last
		last = y
	}
	return last, nil
}

// chain lists the year under all its plans, the first one first.
func (y *Year) chain() []*Year {
	if y == nil {
		return nil
	}
	return append(y.before.chain(), y)
}

// through lists the year under its plans up to the one with a policy's hash;
// none when it has no such plan.
func (y *Year) through(policy [32]byte) []*Year {
	for ; y != nil; y = y.before {
		if y.Plan.PolicyHash == policy {
			return y.chain()
		}
	}
	return nil
}

// adopt folds under further plans from the first window on that each decides on
// and that is not closed. What such a window holds was bounded by the rules of
// another plan, and is dropped: whether a window is folded under one plan or
// another MUST NOT depend on the partition. The yearly meter gives it back, since
// nothing of it is released.
func (c *Cohort) adopt(years []*Year) {
	for _, y := range years {
		s := stretch{year: y}
		for cadence, name := range cadenceNames {
			s.first[cadence] = max(y.Plan.Policy.First(name), c.closed[cadence]+1)
			for i, w := range c.open[cadence] {
				if i >= s.first[cadence] {
					c.unmeter(cadence, i, w)
					delete(c.open[cadence], i)
				}
			}
		}
		c.stretch(s)
	}
}

// unmeter takes back what meter counted for a window that is dropped.
func (c *Cohort) unmeter(cadence, index int, w *rows) {
	counted := c.pupils.meters[c.stretchOf(cadence, index)][cadence]
	for pupil, ref := range w.refs {
		if ref != 0 {
			counted[pupil]--
		}
	}
}

// stretch adds a part of the year, and what it costs to the limits.
func (c *Cohort) stretch(s stretch) {
	c.stretches = append(c.stretches, s)
	c.year = s.year
	c.pupils.addMeter()
	pol := s.year.Plan.Policy
	for cadence := range c.limits {
		c.limits[cadence] = 0
		for _, z := range pol.Calendar.Zones {
			var nano int64
			for i, w := range s.year.cadences[cadence].windows {
				if pol.InSession(z.Name, w) {
					nano += c.under(cadence, i).cadences[cadence].nano
				}
			}
			c.limits[cadence] = max(c.limits[cadence], nano)
		}
	}
}

// stretchOf returns the place of the stretch that a window is in.
func (c *Cohort) stretchOf(cadence, index int) (place int) {
	for i := range c.stretches {
		if index >= c.stretches[i].first[cadence] {
			place = i
		}
	}
	return place
}

// under returns the year under the plan by which a window is folded.
func (c *Cohort) under(cadence, index int) *Year {
	return c.stretches[c.stretchOf(cadence, index)].year
}

// meter counts a further window of the pupil. It refuses when the pupil has
// contributed to as many as a zone has, or to what the plans charge a zone for
// them: a pupil who moves may have met more windows of the dearer plan.
func (c *Cohort) meter(cadence, index int, pupil uint32) bool {
	at, windows, nano := c.stretchOf(cadence, index), 0, int64(0)
	for i := range c.stretches {
		n := int(c.pupils.meters[i][cadence][pupil])
		if i == at {
			n++
		}
		windows += n
		nano += int64(n) * c.stretches[i].year.cadences[cadence].nano
	}
	if windows > c.year.cadences[cadence].meter || nano > c.limits[cadence] {
		return false
	}
	c.pupils.meters[at][cadence][pupil]++
	return true
}

// rules names all that decides how the year's events are folded.
func (c *Cohort) rules() string {
	var rules []string
	for _, s := range c.stretches {
		rules = append(rules, s.year.rules())
	}
	return strings.Join(rules, ",")
}

// from names the first windows of each stretch.
func (c *Cohort) from() string {
	var from []string
	for _, s := range c.stretches {
		from = append(from, indices(s.first))
	}
	return strings.Join(from, ",")
}

// restoreStretches reads what from wrote.
func (c *Cohort) restoreStretches(y *Year, from string) error {
	stretches, plans := strings.Split(from, ","), y.chain()
	if len(stretches) > len(plans) {
		return ErrConfig
	}
	for i, s := range stretches {
		first, err := parseIndices(s)
		if err != nil {
			return err
		}
		c.stretch(stretch{plans[i], first})
	}
	return nil
}
