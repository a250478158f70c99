package cohort

import (
	"maps"

	"brume/schemas/control"
	"brume/schemas/event"
	"brume/schemas/policy"
)

// Gap goes on after a stretch of the log that was lost before it was folded,
// and says whether the record is of the very stretch that follows the state;
// else nothing changes. The caller MUST have seen that the log lacks it all.
//
// In every year each week and half-term in which a lost statement could have
// counted becomes gapped: those that are open and had begun by r.Until; where a
// zone is on holiday then, its next one, which takes the holiday's statements;
// and the next open one of each zone once anything is closed, which takes the
// late ones. What the partition knows of
// a gapped window is dropped, nothing more is folded into it, and its partial
// is zero and marked. Later windows are whole. A control record that was lost
// counts as never given: CONFIG, CLOSE, OBJECT and ERASE have to be said again.
//
// No pupil exceeds a cap or counts twice: a pupil contributes nothing to a
// gapped window, whatever was known before; the yearly meter keeps counting the
// windows that were dropped, so that it is never below what was released; and
// the index of duplicates stays, so that a statement that was folded before
// and is sent again does not count again. A year stream only knows who counts for
// the first time as long as nothing is lost: with the first gapped week the
// partition's streams end, and every later step of them is gapped.
func (p *Partition) Gap(r control.Record) bool {
	if r.Kind != control.Gap || r.From != p.next {
		return false
	}
	p.next = r.To
	p.lost = max(p.lost, event.Hour(r.Until))
	p.counts.Dropped[DropLost] += r.To - r.From
	for _, c := range p.years {
		c.gap(p.lost)
	}
	return true
}

// gap drops what the cohort knows of the windows in which a statement that was
// logged by the hour could have counted, and what it knows of the year streams
// if there is any such week.
func (c *Cohort) gap(hour int32) {
	for cadence, name := range cadenceNames {
		c.gapped[cadence] = max(c.gapped[cadence], c.lastLost(cadence, name, hour))
		maps.DeleteFunc(c.open[cadence], func(i int, _ *rows) bool { return i <= c.gapped[cadence] })
	}
	if c.gapped[weekly] >= 0 {
		clear(c.ever)
	}
}

// lastLost returns the last window of a cadence in which a lost statement could
// have counted, or -1. It MUST NOT depend on what was folded: a pupil whose
// clock is ahead would make others' figures be dropped.
func (c *Cohort) lastLost(cadence int, name policy.Cadence, hour int32) int {
	last := -1
	for i, w := range c.year.cadences[cadence].windows {
		if event.Hour(w.Start) <= hour {
			last = max(last, i)
		}
	}
	pol := c.year.Plan.Policy
	for _, zone := range pol.Calendar.Zones {
		if i, ok := pol.WindowFor(zone.Name, name, hour); ok {
			last = max(last, i)
		}
		if i, ok := c.nextOpen(cadence, zone.Name); ok && c.closed[cadence] >= 0 {
			last = max(last, i)
		}
	}
	return last
}
