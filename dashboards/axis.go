package dashboards

import (
	"slices"
	"time"

	"brume/aggregate/query"
	"brume/dashboards/chart"
)

// series leaves masked weeks out: they are gaps. Counts over more or fewer
// departments than the week before are not joined with it.
func series(name string, points []query.Point, joined bool) chart.Series {
	s := chart.Series{Name: name}
	for i, p := range points {
		if p.State == query.Published || p.State == query.Unreliable {
			s.Points = append(s.Points, chart.Point{
				Week: p.Start, Value: p.Value, Low: p.Low, High: p.High,
				Hollow: p.Incomplete || p.State == query.Unreliable,
				Break:  !joined && i > 0 && !p.SamePerimeter(points[i-1]),
			})
		}
	}
	return s
}

// axis spans the school year up to the end of the holidays that follow the
// latest week: empty months would only squeeze the weeks there are.
func axis(points []query.Point, zones []chart.Zone, sessions []query.Session) (from, to time.Time) {
	from, last := points[0].Start, points[len(points)-1].Start
	end := last
	for _, s := range sessions {
		if s.Start.Before(from) {
			from = s.Start
		}
		if s.Start.After(end) {
			end = s.Start
		}
	}
	to = end.AddDate(0, 0, 7)
	for _, z := range zones {
		for _, off := range z.Off {
			if off.From.After(last) {
				if next := off.To.AddDate(0, 0, 7); next.Before(to) {
					to = next
				}
				break
			}
		}
	}
	return from, to
}

// holidayZones are the weeks off between a zone's first and last week: of the
// area's own zone, or of all where it has several.
func holidayZones(l *locale, a query.Area, sessions []query.Session) []chart.Zone {
	var zones []chart.Zone
	var last time.Time
	for _, s := range sessions { // by zone, then day
		if a.Zone != "" && s.Zone != a.Zone {
			continue
		}
		name := l.T("zone", s.Zone)
		if n := len(zones); n == 0 || zones[n-1].Name != name {
			zones = append(zones, chart.Zone{Name: name})
		} else if next := last.AddDate(0, 0, 7); s.Start.After(next) {
			zones[n-1].Off = append(zones[n-1].Off, chart.Span{From: next, To: s.Start, Name: l.holiday(next)})
		}
		last = s.Start
	}
	return zones
}

// holiday names a run of weeks off by the month in which it begins.
func (l *locale) holiday(from time.Time) string {
	switch from.Month() {
	case time.October, time.November:
		return l.T("holiday.autumn")
	case time.December, time.January:
		return l.T("holiday.christmas")
	case time.February, time.March:
		return l.T("holiday.winter")
	}
	return l.T("holiday.spring")
}

// shared are the weeks that every zone has off.
func shared(zones []chart.Zone) []chart.Span {
	if len(zones) == 0 {
		return nil
	}
	var list []chart.Span
	for _, off := range zones[0].Off {
		everywhere := true
		for _, z := range zones[1:] {
			everywhere = everywhere && slices.ContainsFunc(z.Off, func(x chart.Span) bool {
				return x.From.Equal(off.From) && x.To.Equal(off.To)
			})
		}
		if everywhere {
			list = append(list, off)
		}
	}
	return list
}

// within cuts spans at the ends of the axis.
func within(spans []chart.Span, from, to time.Time) []chart.Span {
	var list []chart.Span
	for _, s := range spans {
		if s.From.Before(from) {
			s.From = from
		}
		if s.To.After(to) {
			s.To = to
		}
		if s.From.Before(s.To) {
			list = append(list, s)
		}
	}
	return list
}

func (l *locale) shortName(a query.Area) string {
	switch a.Kind {
	case "academy":
		return l.T("area.academy.short")
	case "school":
		return l.T("area.school.short")
	case "other":
		return l.T("area.other.short")
	}
	return a.Name
}

func (l *locale) axis(v float64, m query.Measure) string {
	if isRate(m) {
		return l.Percent(v*100, decimalsOf(float64(int(v*1000+0.5))/10))
	}
	return l.Number(v, 0)
}
