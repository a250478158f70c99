package query

import (
	"context"
	"time"
)

// Measure is what a trend or a card shows.
type Measure string

// The measures. Shares and rates are fractions of 1.
const (
	Active      Measure = "active"       // active pupils
	ActiveShare Measure = "active_share" // active pupils per enrolled pupil
	Attempts    Measure = "attempts"     // assessed exercises
	SuccessRate Measure = "success_rate" // successes per assessed exercise
)

// TrendQuery asks for one area's weekly figures. Empty Level and Subject mean
// all of them.
type TrendQuery struct {
	Area    string
	Measure Measure
	Level   string
	Subject string
	Year    string // "2026-2027"
}

// Point is one week of a trend.
type Point struct {
	Release        string
	Window         string    // "2026-W38"
	Start          time.Time // Monday
	Parts, PartsOf uint16    // departments in session covered, of the area's
	Enrolment      uint32    // pupils enrolled in what is covered, public
	Incomplete     bool
	Figure
}

// SamePerimeter reports whether two weeks cover the same departments, as far as
// public facts tell: as many of them, with as many pupils enrolled. The change
// between two weeks means nothing when an academy is on holiday in one.
func (p Point) SamePerimeter(o Point) bool { return p.Parts == o.Parts && p.Enrolment == o.Enrolment }

// Comparable reports whether the change between two weeks means something:
// they cover the same departments, and neither lost statements.
func (p Point) Comparable(o Point) bool {
	return p.SamePerimeter(o) && !p.Incomplete && !o.Incomplete
}

// Trend returns the area's weeks that have a release, ascending.
func (r *Reader) Trend(ctx context.Context, q TrendQuery) ([]Point, error) {
	all, err := r.Trends(ctx, q)
	return all[q.Area], err
}

// maxCompared is how many areas one trend may stand beside.
const maxCompared = 2

// Trends returns, in one query, the trend of q.Area and of at most two areas
// to compare it with.
func (r *Reader) Trends(ctx context.Context, q TrendQuery, compared ...string) (map[string][]Point, error) {
	areas := [1 + maxCompared]string{q.Area, q.Area, q.Area}
	copy(areas[1:], compared)
	weeks := map[string][]week{}
	err := r.each(ctx, "trend", func(scan func(...any) error) error {
		var w week
		var area, measure string
		var m moments
		if err := scan(&area, &w.release, &w.window, &w.start, &w.incomplete, &measure, &m.value, &m.variance,
			&w.parts, &w.partsOf, &w.enrolment); err != nil {
			return err
		}
		weeks[area] = addRow(weeks[area], w, measure, m)
		return nil
	}, param("area", areas[0]), param("other1", areas[1]), param("other2", areas[2]),
		param("level", q.Level), param("subject", q.Subject), param("year", q.Year))
	if err != nil {
		return nil, err
	}
	trends := map[string][]Point{}
	for area, list := range weeks {
		for _, w := range list {
			if f := w.figure(q.Measure, r.limits); f.State != NoData {
				trends[area] = append(trends[area], w.point(f))
			}
		}
	}
	return trends, nil
}

// week collects the rows of one area in one release.
type week struct {
	release        string
	window         string
	start          time.Time
	incomplete     bool
	parts, partsOf uint16
	enrolment      uint32
	rows           map[string]moments // by measure in the table
}

// addRow adds a row to the last week of the list, or opens the next.
func addRow(list []week, w week, measure string, m moments) []week {
	if len(list) == 0 || list[len(list)-1].release != w.release {
		w.rows = map[string]moments{}
		list = append(list, w)
	}
	last := &list[len(list)-1]
	last.rows[measure] = m
	return list
}

func (w week) point(f Figure) Point {
	return Point{w.release, w.window, w.start, w.parts, w.partsOf, w.enrolment, w.incomplete, f}
}

// figure derives a measure from the week's rows.
func (w week) figure(measure Measure, limits Limits) Figure {
	active, hasActive := w.rows["active"]
	successes, hasSuccesses := w.rows["successes"]
	failures, hasFailures := w.rows["failures"]
	hasOutcomes := hasSuccesses && hasFailures
	switch {
	case measure == Active && hasActive:
		return limits.count(active, w.enrolment)
	case measure == ActiveShare && hasActive:
		return limits.share(active, w.enrolment)
	case measure == Attempts && hasOutcomes:
		return limits.count(moments{successes.value + failures.value, successes.variance + failures.variance}, w.enrolment)
	case measure == SuccessRate && hasOutcomes:
		return limits.rate(successes, failures, w.enrolment)
	}
	return Figure{State: NoData}
}
