package dashboards

import (
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

// axis spans the school year, or the points where the calendar is unknown.
func axis(points []query.Point, sessions []query.Session) (from, to time.Time) {
	from, to = points[0].Start, points[len(points)-1].Start
	for _, s := range sessions {
		if s.Start.Before(from) {
			from = s.Start
		}
		if s.Start.After(to) {
			to = s.Start
		}
	}
	return from, to.AddDate(0, 0, 7)
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
		name := l.t("zone", s.Zone)
		if n := len(zones); n == 0 || zones[n-1].Name != name {
			zones = append(zones, chart.Zone{Name: name})
		} else if next := last.AddDate(0, 0, 7); s.Start.After(next) {
			zones[n-1].Off = append(zones[n-1].Off, chart.Span{From: next, To: s.Start})
		}
		last = s.Start
	}
	return zones
}

func (l *locale) shortName(a query.Area) string {
	switch a.Kind {
	case "academy":
		return l.t("area.academy.short")
	case "school":
		return l.t("area.school.short")
	case "other":
		return l.t("area.other.short")
	}
	return a.Name
}

func (l *locale) axis(v float64, m query.Measure) string {
	if isRate(m) {
		return l.percent(v*100, decimalsOf(float64(int(v*1000+0.5))/10))
	}
	return l.number(v, 0)
}
