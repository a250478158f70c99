package aggregate

import (
	"context"
	"fmt"
	"time"

	"brume/schemas/policy"
	"brume/schemas/registry"
)

// LoadReference replaces the public reference tables: areas, terms and the
// calendars of the policies' school years. It is idempotent.
func (l *Loader) LoadReference(ctx context.Context, policies ...*policy.Policy) error {
	calendar, err := calendarRows(policies)
	if err != nil {
		return err
	}
	tables := []struct {
		name string
		rows [][]any
	}{{"areas", l.areas.rows()}, {"terms", termRows(l.areas.registry)}, {"calendar", calendar}}
	for _, table := range tables {
		if err := l.replaceTable(ctx, table.name, table.rows); err != nil {
			return fmt.Errorf("loading reference table %s: %w", table.name, err)
		}
	}
	return nil
}

func (l *Loader) replaceTable(ctx context.Context, table string, rows [][]any) error {
	if err := l.ch.Exec(ctx, sqlText("unstage_"+table)); err != nil {
		return err
	}
	batch, err := l.ch.Batch(ctx, sqlText("stage_"+table))
	if err != nil {
		return err
	}
	defer batch.Close()
	for _, row := range rows {
		if err := batch.Append(row...); err != nil {
			return err
		}
	}
	if err := batch.Send(); err != nil {
		return err
	}
	return l.ch.Exec(ctx, sqlText("publish_"+table))
}

// rows are (code, kind, name, academy, department, zone, sector, enrolment, ips).
func (a *Areas) rows() [][]any {
	var none *float64
	rows := [][]any{
		{NationCode, kindNation, "France", "", "", a.zone(NationCode), "", a.enrolment[NationCode], none},
		{registry.Other, kindOther, "Autres établissements", "", registry.Other, "", "", uint32(0), none},
	}
	seen := map[string]bool{}
	for _, d := range a.registry.Departments {
		academy := a.academyOf[d.Code]
		if !seen[academy] {
			seen[academy] = true
			rows = append(rows, []any{academy, kindAcademy, d.Academy, academy, "", a.zone(academy), "", a.enrolment[academy], none})
		}
		rows = append(rows, []any{d.Code, kindDepartment, d.Name, academy, d.Code, d.Zone, "", a.enrolment[d.Code], none})
	}
	for _, s := range a.registry.Schools {
		var ips *float64
		if s.HasIPS {
			ips = &s.IPS
		}
		rows = append(rows, []any{s.UAI.String(), kindSchool, s.Name, a.academyOf[s.Department], s.Department,
			a.department[s.Department].Zone, s.Sector, uint32(max(s.Enrolment, 0)), ips})
	}
	return rows
}

// termRows are (dimension, position, code, french, english), Other last.
func termRows(reg *registry.Registry) [][]any {
	var rows [][]any
	add := func(dimension string, terms []registry.Term) {
		for i, t := range terms {
			rows = append(rows, []any{dimension, uint16(i), t.Code, t.French, t.English})
		}
		rows = append(rows, []any{dimension, uint16(len(terms)), registry.Other, "Autre ou non précisé", "Other or not stated"})
	}
	add("level", reg.Levels)
	add("subject", reg.Subjects)
	tools := make([]registry.Term, len(reg.Tools))
	for i, t := range reg.Tools {
		tools[i] = registry.Term{Code: t.Code, French: t.Name, English: t.Name}
	}
	add("tool", tools)
	return rows
}

// calendarRows are (school year, zone, window, first day).
func calendarRows(policies []*policy.Policy) ([][]any, error) {
	var rows [][]any
	for _, p := range policies {
		for _, zone := range p.Calendar.Zones {
			for _, week := range zone.Weeks {
				monday, err := isoMonday(week)
				if err != nil {
					return nil, fmt.Errorf("calendar of %s, zone %s: %w", p.SchoolYear, zone.Name, err)
				}
				rows = append(rows, []any{p.SchoolYear, zone.Name, week, monday})
			}
		}
	}
	return rows, nil
}

// isoMonday returns the first day of an ISO week such as "2026-W36".
func isoMonday(week string) (time.Time, error) {
	var year, number int
	if n, err := fmt.Sscanf(week, "%4d-W%2d", &year, &number); n != 2 || err != nil {
		return time.Time{}, fmt.Errorf("week %q: want YYYY-Www", week)
	}
	fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC) // always in week 1
	weekday := (int(fourth.Weekday()) + 6) % 7
	return fourth.AddDate(0, 0, 7*(number-1)-weekday), nil
}
