package dashboards

import (
	"context"
	"net/url"
	"slices"

	"brume/aggregate/query"
)

// world is the public reference data that filters choose from.
type world struct {
	areas    []query.Area
	terms    []query.Term
	releases []query.Release
}

func (s *Server) world(ctx context.Context, l *locale, area string) (w world, err error) {
	if w.releases, err = s.reader.Releases(ctx, ""); err != nil {
		return w, err
	}
	if w.areas, err = s.reader.Areas(ctx, area); err != nil {
		return w, err
	}
	for i, a := range w.areas {
		if n := w.departments(""); a.Kind == "nation" && n < allDepartments {
			w.areas[i].Name = l.TN("area.nation", float64(n), a.Name, l.Count(n))
		}
	}
	w.terms, err = s.reader.Terms(ctx)
	return w, err
}

// allDepartments is how many the country has; a directory of fewer says so.
const allDepartments = 101

// filters is what the address asks for, every value known to the world.
type filters struct {
	Area           query.Area
	Measure        query.Measure
	Level, Subject string
	Year           string
}

var measures = []query.Measure{query.ActiveShare, query.Active, query.Attempts, query.SuccessRate}

// filter reads the address. A value that the world does not know is ignored,
// and so is a filter that does not fit the measure; the notices say so.
func (s *Server) filter(l *locale, w world, q url.Values) (filters, []string) {
	f := filters{Measure: query.ActiveShare, Year: w.releases[0].Year}
	var notices []string
	ignored := func(name string) { notices = append(notices, l.T("notice.ignored", l.T("filter."+name))) }
	f.Area, _ = w.area(s.cfg.DefaultArea)
	if f.Area.Code == "" && len(w.areas) > 0 {
		f.Area = w.areas[0]
	}
	if code := q.Get("area"); code != "" {
		if a, ok := w.area(code); ok {
			f.Area = a
		} else {
			ignored("area")
		}
	}
	if m := query.Measure(q.Get("measure")); m != "" {
		if slices.Contains(measures, m) {
			f.Measure = m
		} else {
			ignored("measure")
		}
	}
	for _, d := range []struct {
		name string
		into *string
	}{{"level", &f.Level}, {"subject", &f.Subject}} {
		if code := q.Get(d.name); code != "" {
			if _, ok := w.term(d.name, code); ok {
				*d.into = code
			} else {
				ignored(d.name)
			}
		}
	}
	if year := q.Get("year"); year != "" {
		if slices.Contains(w.years(), year) {
			f.Year = year
		} else {
			ignored("year")
		}
	}
	return f, append(notices, f.fit(l)...)
}

// fit drops the filters that no released family has for the measure.
func (f *filters) fit(l *locale) []string {
	var notices []string
	if f.Area.Kind == "school" && (f.Level != "" || f.Subject != "" || !f.pupils()) {
		f.Level, f.Subject = "", ""
		if !f.pupils() {
			f.Measure = query.ActiveShare
		}
		notices = append(notices, l.T("notice.school"))
	}
	if f.pupils() && f.Subject != "" {
		f.Subject = ""
		notices = append(notices, l.T("notice.subject"))
	}
	if !f.pupils() && f.Level != "" {
		f.Level = ""
		notices = append(notices, l.T("notice.level"))
	}
	if f.Measure == query.ActiveShare && f.Level != "" {
		f.Measure = query.Active
		notices = append(notices, l.T("notice.share"))
	}
	if f.Measure == query.ActiveShare && f.Area.Enrolment == 0 {
		f.Measure = query.Active
		notices = append(notices, l.T("notice.enrolment"))
	}
	return notices
}

func (f filters) pupils() bool { return f.Measure == query.Active || f.Measure == query.ActiveShare }

// address is the page that shows exactly these filters.
func (f filters) address(path string) string {
	q := url.Values{"area": {f.Area.Code}, "measure": {string(f.Measure)}, "year": {f.Year}}
	if f.Level != "" {
		q.Set("level", f.Level)
	}
	if f.Subject != "" {
		q.Set("subject", f.Subject)
	}
	return path + "?" + q.Encode()
}

func (w world) area(code string) (query.Area, bool) {
	i := slices.IndexFunc(w.areas, func(a query.Area) bool { return a.Code == code })
	if i < 0 {
		return query.Area{}, false
	}
	return w.areas[i], true
}

// departments counts an academy's departments, or all of them.
func (w world) departments(academy string) int {
	n := 0
	for _, a := range w.areas {
		if a.Kind == "department" && (academy == "" || a.Academy == academy) {
			n++
		}
	}
	return n
}

func (w world) term(dimension, code string) (query.Term, bool) {
	i := slices.IndexFunc(w.terms, func(t query.Term) bool { return t.Dimension == dimension && t.Code == code })
	if i < 0 {
		return query.Term{}, false
	}
	return w.terms[i], true
}

func (w world) years() []string {
	var years []string
	for _, r := range w.releases {
		if !slices.Contains(years, r.Year) {
			years = append(years, r.Year)
		}
	}
	return years
}
