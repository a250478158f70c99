package cohort

import (
	"fmt"

	"brume/anonymize/exact"
	"brume/schemas/control"
	"brume/schemas/policy"
)

// Closed is one partition's exact bounded sums for the release of a window. A
// week in a policy with year streams is two releases: its own, and a step of
// the streams, whose sums are running totals.
type Closed struct {
	Window policy.Window
	Sums   *exact.Vector
	Plan   *policy.Plan // by which the window was folded
	Gapped bool         // the partition lost statements of the window: its sums are zero, see Partition.Gap
}

// closes returns the cadence of a CLOSE record, and whether it closes a window
// that is open.
func (c *Cohort) closes(r control.Record) (cadence int, ok bool) {
	switch policy.Cadence(r.Cadence) {
	case policy.Weekly:
		cadence = weekly
	case policy.Periodic:
		cadence = periodic
	default: // the steps of year streams are weeks
		return 0, false
	}
	return cadence, min(r.Index, len(c.year.cadences[cadence].windows)-1) > c.closed[cadence]
}

// close closes every window of a cadence up to an index and returns their
// sums, also where no pupil was active: the domain is fixed. A window in which
// no area is in session has no cells and is no release. Closing again returns
// nothing.
func (c *Cohort) close(cadence, index int) (out []Closed, err error) {
	windows := c.year.cadences[cadence].windows
	add := func(w policy.Window, sums *exact.Vector, plan *policy.Plan, gapped bool) {
		if sums.Len() > 0 { // the plan has such families, and some area of the registry is in session
			out = append(out, Closed{w, sums, plan, gapped})
		}
	}
	for i := c.closed[cadence] + 1; i <= min(index, len(windows)-1); i++ {
		sums, err := c.sums(cadence, i)
		if err != nil {
			return nil, fmt.Errorf("closing %s: %w", windows[i].Label, err)
		}
		y := c.under(cadence, i)
		add(windows[i], sums, y.Plan, i <= c.gapped[cadence])
		if cadence == weekly {
			c.count(i)
		}
		if cadence == weekly && len(y.stream) > 0 {
			totals, err := c.totals(y, i)
			if err != nil {
				return nil, fmt.Errorf("closing %s, year stream: %w", windows[i].Label, err)
			}
			add(y.stream[i], totals, y.Plan, c.gapped[weekly] >= 0)
		}
		delete(c.open[cadence], i)
		c.closed[cadence] = i
	}
	return out, nil
}

// count counts, once a year and at their home school of the week, the pupils
// who are active in a week that closes. It does so without streams too: a later
// plan of the year may have some, and they tell of the whole year.
func (c *Cohort) count(index int) {
	w := c.open[weekly][index]
	if w == nil || c.gapped[weekly] >= 0 {
		return
	}
	for pupil := range w.refs {
		packed := w.get(uint32(pupil))
		if packed == nil || c.pupils.ever[pupil] {
			continue
		}
		if home := homeOf(packed); home != erased {
			c.pupils.ever[pupil] = true
			c.ever[home]++
		}
	}
}

// totals returns the running totals of a year stream's step, in the areas that
// are in session.
func (c *Cohort) totals(y *Year, step int) (*exact.Vector, error) {
	layout := y.Plan.Layout(y.Registry, y.stream[step])
	totals := exact.New(layout.Len())
	for i := range y.Plan.Families {
		f := &y.Plan.Families[i].Family
		if f.Cadence != policy.YearStream {
			continue
		}
		for home, n := range c.ever {
			if cell, ok := layout.Index(i, y.area(f.Area, home), 0, 0, 0, 0); ok {
				if err := totals.Add(cell, n); err != nil {
					return nil, fmt.Errorf("family %s: %w", f.Name, err)
				}
			}
		}
	}
	return totals, nil
}
