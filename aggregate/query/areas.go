package query

import (
	"context"
	"time"
)

// Area is a row of the public registry.
type Area struct {
	Code, Kind, Name          string
	Academy, Department, Zone string
	Sector                    string
	Enrolment                 uint32
}

// Areas returns the nation, the academies, the departments and "other"; and
// the schools of one department, or the school with one code.
func (r *Reader) Areas(ctx context.Context, code string) ([]Area, error) {
	var list []Area
	err := r.each(ctx, "areas", func(scan func(...any) error) error {
		var a Area
		err := scan(&a.Code, &a.Kind, &a.Name, &a.Academy, &a.Department, &a.Zone, &a.Sector, &a.Enrolment)
		list = append(list, a)
		return err
	}, param("code", code))
	return list, err
}

// Term is an entry of a nomenclature.
type Term struct{ Dimension, Code, French, English string }

// Terms returns all levels, subjects and tools in their order.
func (r *Reader) Terms(ctx context.Context) ([]Term, error) {
	var list []Term
	err := r.each(ctx, "terms", func(scan func(...any) error) error {
		var t Term
		err := scan(&t.Dimension, &t.Code, &t.French, &t.English)
		list = append(list, t)
		return err
	})
	return list, err
}

// Session is a week in which a holiday zone is at school.
type Session struct {
	Zone  string
	Start time.Time // Monday
}

// Calendar returns the weeks in session of a school year, by zone and day.
func (r *Reader) Calendar(ctx context.Context, year string) ([]Session, error) {
	var list []Session
	err := r.each(ctx, "calendar", func(scan func(...any) error) error {
		var s Session
		err := scan(&s.Zone, &s.Start)
		list = append(list, s)
		return err
	}, param("year", year))
	return list, err
}
