package query

import "context"

// Overview is an area's latest week and the one before it.
type Overview struct {
	Latest, Previous Week
}

// Week is one week's headline figures. Release is empty when there is none.
type Week struct {
	Point                                // without a figure of its own
	Active, Share, Attempts, SuccessRate Figure
}

// Overview returns the latest two weeks of the school year in which the area
// was in session.
func (r *Reader) Overview(ctx context.Context, area, year string) (Overview, error) {
	var weeks []week
	err := r.each(ctx, "overview", func(scan func(...any) error) error {
		var w week
		var measure string
		var m moments
		if err := scan(&w.release, &w.window, &w.start, &w.incomplete, &measure, &m.value, &m.variance,
			&w.parts, &w.partsOf, &w.enrolment); err != nil {
			return err
		}
		weeks = addRow(weeks, w, measure, m)
		return nil
	}, param("area", area), param("year", year))
	var o Overview
	for i, into := range []*Week{&o.Latest, &o.Previous} {
		if i < len(weeks) {
			*into = r.headline(weeks[i])
		}
	}
	return o, err
}

func (r *Reader) headline(w week) Week {
	return Week{
		Point:       w.point(Figure{}),
		Active:      w.figure(Active, r.limits),
		Share:       w.figure(ActiveShare, r.limits),
		Attempts:    w.figure(Attempts, r.limits),
		SuccessRate: w.figure(SuccessRate, r.limits),
	}
}

// Slice is one entry of a breakdown.
type Slice struct {
	Code string // level or subject code
	Figure
}

// Breakdown splits an area's week by "level" or "subject". Order is the
// reader's to choose: codes come in alphabetical order.
func (r *Reader) Breakdown(ctx context.Context, release, area, dimension string, measure Measure) ([]Slice, error) {
	weeks := map[string]*week{}
	var codes []string
	err := r.each(ctx, "breakdown", func(scan func(...any) error) error {
		var code, name string
		var m moments
		var enrolment uint32
		if err := scan(&code, &name, &m.value, &m.variance, &enrolment); err != nil {
			return err
		}
		if weeks[code] == nil {
			weeks[code] = &week{enrolment: enrolment, rows: map[string]moments{}}
			codes = append(codes, code)
		}
		weeks[code].rows[name] = m
		return nil
	}, param("dimension", dimension), param("release", release), param("area", area))
	var slices []Slice
	for _, code := range codes {
		if f := weeks[code].figure(measure, r.limits); f.State != NoData {
			slices = append(slices, Slice{code, f})
		}
	}
	return slices, err
}
