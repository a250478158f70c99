package policy

import (
	"slices"
	"strings"
	"time"

	"brume/schemas/release"
)

func (c *calendar) zone(name string) *zoneTables {
	for i := range c.zones {
		if c.zones[i].name == name {
			return &c.zones[i]
		}
	}
	return nil
}

// cal gives the compiled calendar; a literal Policy compiles at every call, and
// an invalid one has an empty calendar.
func (p *Policy) cal() *calendar {
	if p.compiled != nil {
		return p.compiled
	}
	c, err := compile(p)
	if err != nil {
		return &calendar{loc: time.UTC}
	}
	return c
}

// Location gives the time zone in which weeks begin.
func (p *Policy) Location() *time.Location { return p.cal().loc }

// Bounds gives the school year's first instant and the first after it: events
// outside are never folded.
func (p *Policy) Bounds() (start, end time.Time) {
	c := p.cal()
	return c.start, c.end
}

// Windows lists the union over the zones of the windows of one cadence, in
// order of time.
func (p *Policy) Windows(c Cadence) []Window {
	k := cadenceIndex(c)
	if k < 0 {
		return nil
	}
	return slices.Clone(p.cal().windows[k])
}

// InSession tells whether the zone lists the window. A zone without a list is
// never in session.
func (p *Policy) InSession(zone string, w Window) bool {
	c, k := p.cal(), cadenceIndex(w.Cadence)
	z := c.zone(zone)
	if z == nil || k < 0 || w.Index < 0 || w.Index >= len(c.windows[k]) || c.windows[k][w.Index].Label != w.Label {
		return false
	}
	return z.inSession[k][w.Index]
}

// WindowFor gives the index, in Windows(c), of the zone's window that holds the
// hour (counted from 1970-01-01T00:00Z), or of the zone's next one when the
// hour falls in a week that the zone does not list. There is none outside the
// school year, after the zone's last window, or for an unknown zone. It takes
// constant time: cohorts call it for every event.
func (p *Policy) WindowFor(zone string, c Cadence, hour int32) (index int, ok bool) {
	cal, k := p.cal(), cadenceIndex(c)
	z := cal.zone(zone)
	if z == nil || k < 0 {
		return 0, false
	}
	at := int64(hour) - int64(cal.firstHour)
	if at < 0 || at >= int64(len(z.byHour[k])) || z.byHour[k][at] < 0 {
		return 0, false
	}
	return int(z.byHour[k][at]), true
}

// ZoneWindows counts the windows of one cadence that the zone lists.
func (p *Policy) ZoneWindows(zone string, c Cadence) int {
	z, k := p.cal().zone(zone), cadenceIndex(c)
	if z == nil || k < 0 {
		return 0
	}
	return z.count[k]
}

// ReleaseID names the release of a window: "2026-2027-w38", "2026-2027-p1",
// "2026-2027-stream-w38".
func ReleaseID(w Window) release.ID {
	label := strings.ToLower(w.Label)
	if _, week, ok := strings.Cut(label, "-w"); ok {
		label = "w" + week
	}
	if w.Cadence == YearStream {
		label = "stream-" + label
	}
	return release.ID(w.Year + "-" + label)
}
