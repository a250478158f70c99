package dashboards

import (
	"strconv"
	"strings"

	"brume/aggregate/query"
)

// option is a choice of a select element.
type option struct {
	Value, Text string
	Selected    bool
}

// group is a run of options under a common name.
type group struct {
	Name    string
	Options []option
}

// form is the filter form.
type form struct {
	Action                          string
	Areas                           []group
	Measures, Levels, Terms, Years  []option
	ShowMeasure, ShowLevel, ShowSub bool
}

// field is one select element of the form.
type field struct {
	Name    string
	Options []option
}

func choice(name string, options []option) field { return field{name, options} }

func (s *Server) form(l *locale, w world, f filters, action string) form {
	out := form{Action: action, ShowMeasure: true, ShowLevel: f.pupils(), ShowSub: !f.pupils()}
	for _, a := range w.areas {
		name := l.T("areas." + a.Kind)
		if n := len(out.Areas); n == 0 || out.Areas[n-1].Name != name {
			out.Areas = append(out.Areas, group{Name: name})
		}
		g := &out.Areas[len(out.Areas)-1]
		g.Options = append(g.Options, option{a.Code, l.areaName(a), a.Code == f.Area.Code})
	}
	for _, m := range measures {
		out.Measures = append(out.Measures, option{string(m), l.T("measure." + string(m)), m == f.Measure})
	}
	out.Levels = l.termOptions(w, "level", f.Level)
	out.Terms = l.termOptions(w, "subject", f.Subject)
	for _, y := range w.years() {
		out.Years = append(out.Years, option{y, y, y == f.Year})
	}
	return out
}

func (l *locale) termOptions(w world, dimension, selected string) []option {
	options := []option{{"", l.T("all." + dimension), selected == ""}}
	for _, t := range w.terms {
		if t.Dimension == dimension {
			options = append(options, option{t.Code, l.termName(t), t.Code == selected})
		}
	}
	return options
}

func (l *locale) termName(t query.Term) string {
	if l.Lang == "en" {
		return t.English
	}
	return t.French
}

// areaName names an area where the reader may not know its kind.
func (l *locale) areaName(a query.Area) string {
	switch a.Kind {
	case "other":
		return l.T("area.other")
	case "academy":
		return l.T("area.academy", a.Name)
	case "department":
		return l.T("area.department", a.Name, a.Code)
	}
	return a.Name
}

func decimalsOf(v float64) int {
	_, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', -1, 64), ".")
	return min(len(fraction), 3)
}
