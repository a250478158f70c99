package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // machines without a time zone database fold the same weeks
)

// calendar is a policy's calendar in the form that folding needs: the union of
// the zones' windows, and for each zone a table from hour to window.
type calendar struct {
	loc        *time.Location
	start, end time.Time // 1 September to 1 September: nothing crosses 31 August
	firstHour  int32
	windows    [3][]Window // by cadence
	zones      []zoneTables
}

type zoneTables struct {
	name      string
	inSession [3][]bool  // by cadence and window index
	byHour    [3][]int16 // by cadence and hour since firstHour; -1: no window left
	count     [3]int     // windows of the zone, by cadence
}

// span is one zone's own interval of a window.
type span struct {
	label      string
	start, end time.Time
}

// cadences lists the cadences in the order of the calendar's arrays.
var cadences = [3]Cadence{Weekly, Periodic, YearStream}

func cadenceIndex(c Cadence) int { return slices.Index(cadences[:], c) }

// weekStart gives the Monday 00:00 of an ISO week such as "2026-W38".
func weekStart(week string, loc *time.Location) (time.Time, error) {
	year, number, ok := strings.Cut(week, "-W")
	y, err1 := strconv.Atoi(year)
	n, err2 := strconv.Atoi(number)
	if !ok || err1 != nil || err2 != nil || len(year) != 4 || len(number) != 2 || n < 1 {
		return time.Time{}, fmt.Errorf("%q is not an ISO week such as 2026-W38", week)
	}
	jan4 := time.Date(y, time.January, 4, 0, 0, 0, 0, loc) // always in week 1
	monday := jan4.AddDate(0, 0, -(int(jan4.Weekday())+6)%7+7*(n-1))
	if iy, in := monday.ISOWeek(); iy != y || in != n {
		return time.Time{}, fmt.Errorf("%q: the year %d has no week %d", week, y, n)
	}
	return monday, nil
}

// yearBounds gives 1 September of the school year and of the next.
func yearBounds(schoolYear string, loc *time.Location) (start, end time.Time, err error) {
	a, b, _ := strings.Cut(schoolYear, "-")
	first, err1 := strconv.Atoi(a)
	second, err2 := strconv.Atoi(b)
	if err1 != nil || err2 != nil || len(a) != 4 || len(b) != 4 || first < 2000 || second != first+1 {
		return start, end, fmt.Errorf("school_year: %q is not of the form 2026-2027", schoolYear)
	}
	start = time.Date(first, time.September, 1, 0, 0, 0, 0, loc)
	return start, time.Date(second, time.September, 1, 0, 0, 0, 0, loc), nil
}

// compile builds the calendar. It reports the first fault only: Validate
// reports them all.
func compile(p *Policy) (*calendar, error) {
	loc, err := time.LoadLocation(p.Timezone)
	if err != nil || p.Timezone == "" {
		return nil, fmt.Errorf("timezone: %q is unknown", p.Timezone)
	}
	c := &calendar{loc: loc}
	if c.start, c.end, err = yearBounds(p.SchoolYear, loc); err != nil {
		return nil, err
	}
	c.firstHour = int32((c.start.Unix() + 3599) / 3600)
	spans := make([][3][]span, len(p.Calendar.Zones))
	for i, z := range p.Calendar.Zones {
		if spans[i], err = z.spans(loc); err != nil {
			return nil, fmt.Errorf("zone %s: %w", z.Name, err)
		}
	}
	for k, cadence := range cadences {
		c.windows[k] = union(p.SchoolYear, cadence, spans, k)
	}
	for i, z := range p.Calendar.Zones {
		c.zones = append(c.zones, c.tables(z.Name, spans[i]))
	}
	return c, nil
}

func (z Zone) spans(loc *time.Location) (out [3][]span, err error) {
	weeks := make(map[string]span, len(z.Weeks))
	for _, w := range z.Weeks {
		start, err := weekStart(w, loc)
		if err != nil {
			return out, err
		}
		s := span{w, start, start.AddDate(0, 0, 7)}
		weeks[w] = s
		out[0] = append(out[0], s)
	}
	for _, h := range z.HalfTerms {
		first, ok1 := weeks[h.First]
		last, ok2 := weeks[h.Last]
		if !ok1 || !ok2 {
			return out, fmt.Errorf("half-term %s: first %q and last %q must be listed weeks", h.Name, h.First, h.Last)
		}
		out[1] = append(out[1], span{h.Name, first.start, last.end})
	}
	out[2] = out[0]
	return out, nil
}

// union merges the zones' spans of one cadence by label.
func union(year string, cadence Cadence, zones [][3][]span, k int) []Window {
	byLabel := make(map[string]int)
	var out []Window
	for _, z := range zones {
		for _, s := range z[k] {
			i, seen := byLabel[s.label]
			if !seen {
				byLabel[s.label] = len(out)
				out = append(out, Window{Year: year, Cadence: cadence, Label: s.label, Start: s.start, End: s.end})
				continue
			}
			if s.start.Before(out[i].Start) {
				out[i].Start = s.start
			}
			if s.end.After(out[i].End) {
				out[i].End = s.end
			}
		}
	}
	slices.SortFunc(out, func(a, b Window) int {
		if d := a.Start.Compare(b.Start); d != 0 {
			return d
		}
		return strings.Compare(a.Label, b.Label)
	})
	for i := range out {
		out[i].Index = i
	}
	return out
}

func (c *calendar) tables(name string, spans [3][]span) zoneTables {
	z := zoneTables{name: name}
	hours := int(c.end.Unix()/3600) - int(c.firstHour)
	if c.end.Unix()%3600 != 0 {
		hours++
	}
	for k := range cadences {
		index := make(map[string]int, len(c.windows[k]))
		for _, w := range c.windows[k] {
			index[w.Label] = w.Index
		}
		z.count[k] = len(spans[k])
		z.inSession[k] = make([]bool, len(c.windows[k]))
		for _, s := range spans[k] {
			z.inSession[k][index[s.label]] = true
		}
		z.byHour[k] = make([]int16, hours)
		next := 0
		for h := range z.byHour[k] {
			at := (int64(c.firstHour) + int64(h)) * 3600
			for next < len(spans[k]) && spans[k][next].end.Unix() <= at {
				next++
			}
			z.byHour[k][h] = -1
			if next < len(spans[k]) {
				z.byHour[k][h] = int16(index[spans[k][next].label])
			}
		}
	}
	return z
}
