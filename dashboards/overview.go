package dashboards

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"brume/aggregate/query"
	"brume/dashboards/chart"
)

// overview is the content of the first page.
type overview struct {
	Empty   bool
	Form    form
	Area    string
	Week    string // "du 14 au 20 septembre 2026"
	Scope   string // which departments are in session
	State   string // incomplete
	NoWeek  bool   // the area has no figure this year
	Answer  *answer
	Cards   []card
	Trend   *figureView
	Splits  []split
	Enrol   string
	TrendTo string
}

// answer is what a reader came for: how many, and is it going up.
type answer struct {
	Latest spoken
	Change verdict
}

// card is one headline figure.
type card struct {
	Title, Help, Href string
	Change            verdict
	spoken
	Strip *chart.Strip
}

// split is a breakdown of the week by level or subject.
type split struct {
	Title, Caption, Head, Note string
	Useless                    string // the rows of which nothing can be said
	Rows                       []splitRow
}

type splitRow struct {
	Name string
	spoken
	Strip *chart.Strip
}

func (s *Server) overview(ctx context.Context, l *locale, r *http.Request, p *page) error {
	w, err := s.world(ctx, l, r.URL.Query().Get("area"))
	if err != nil {
		return err
	}
	if len(w.releases) == 0 {
		p.Body = overview{Empty: true}
		return nil
	}
	f, notices := s.filter(l, w, r.URL.Query())
	p.Notices = notices
	o, err := s.reader.Overview(ctx, f.Area.Code, f.Year)
	if err != nil {
		return err
	}
	body := overview{Form: s.form(l, w, f, l.prefix+"/"), Area: l.areaName(f.Area)}
	body.Form.ShowMeasure, body.Form.ShowLevel, body.Form.ShowSub = false, false, false
	p.Body = &body
	if o.Latest.Release == "" {
		body.NoWeek = true
		return nil
	}
	p.Release = o.Latest.Release
	body.Week = l.week(o.Latest.Start)
	body.Scope = l.scope(f.Area, o.Latest.Point)
	if o.Latest.Incomplete {
		body.State = l.T("release.incomplete.long")
	}
	body.Cards = l.cards(f, o)
	body.Answer = l.answer(o)
	body.TrendTo = f.address(l.prefix + "/trend")
	if body.Trend, err = s.trendFigure(ctx, l, w, f); err != nil {
		return err
	}
	if f.Area.Kind != "school" {
		body.Splits, err = s.splits(ctx, l, w, f, o.Latest)
	}
	return err
}

// scope says which part of a large area the week covers.
func (l *locale) scope(a query.Area, p query.Point) string {
	if a.Kind != "nation" && a.Kind != "academy" {
		return ""
	}
	if p.Parts == p.PartsOf {
		return l.TN("scope.all", float64(p.PartsOf), l.Count(int(p.PartsOf)))
	}
	return l.TN("scope.some", float64(p.Parts), l.Count(int(p.Parts)), l.Count(int(p.PartsOf)))
}

// answer gives the number of active pupils, and its share where that is known.
func (l *locale) answer(o query.Overview) *answer {
	a := &answer{l.speak(o.Latest.Active, query.Active), l.between(o.Latest.Point, o.Previous.Point, o.Latest.Active, o.Previous.Active, query.Active)}
	if share := l.speak(o.Latest.Share, query.ActiveShare); a.Latest.State == query.Published && share.State == query.Published {
		a.Latest.About = l.T("figure.about.both", a.Latest.Value, share.Value)
	}
	return a
}

func (l *locale) cards(f filters, o query.Overview) []card {
	now, before := o.Latest, o.Previous
	var cards []card
	add := func(m query.Measure, now, before query.Figure, top float64) {
		c := card{Title: l.T("measure." + string(m)), Help: l.T("help." + string(m)), spoken: l.speak(now, m)}
		c.Change = l.between(o.Latest.Point, o.Previous.Point, now, before, m)
		link := f
		link.Measure = m
		c.Href = link.address(l.prefix + "/trend")
		if now.State == query.Published || now.State == query.Unreliable {
			strip := chart.NewStrip(260, now.Value, now.Low, now.High, top, now.State == query.Unreliable)
			c.Strip = &strip
		}
		cards = append(cards, c)
	}
	add(query.ActiveShare, now.Share, before.Share, 1)
	enrolment := float64(max(now.Enrolment, 1))
	if now.Enrolment == 0 {
		enrolment = now.Active.High * 1.2
		cards = nil
	}
	add(query.Active, now.Active, before.Active, enrolment)
	if f.Area.Kind != "school" {
		add(query.Attempts, now.Attempts, before.Attempts, now.Attempts.High*1.2)
		add(query.SuccessRate, now.SuccessRate, before.SuccessRate, 1)
	}
	return cards
}

func (s *Server) splits(ctx context.Context, l *locale, w world, f filters, latest query.Week) ([]split, error) {
	var splits []split
	for _, d := range []struct {
		dimension string
		measure   query.Measure
	}{{"level", query.Active}, {"subject", query.SuccessRate}} {
		slices, err := s.reader.Breakdown(ctx, latest.Release, f.Area.Code, d.dimension, d.measure)
		if err != nil {
			return nil, err
		}
		if len(slices) > 0 {
			splits = append(splits, l.split(w, d.dimension, d.measure, slices))
		}
	}
	return splits, nil
}

func (l *locale) split(w world, dimension string, m query.Measure, list []query.Slice) split {
	out := split{Title: l.T("split." + dimension), Caption: l.T("split." + dimension + ".caption"), Head: l.T("filter." + dimension)}
	top := 1.0
	if !isRate(m) {
		top = slices.MaxFunc(list, func(a, b query.Slice) int { return int(a.High - b.High) }).High
	}
	var useless []string
	for _, t := range w.terms { // in the order of the nomenclature
		i := slices.IndexFunc(list, func(x query.Slice) bool { return t.Dimension == dimension && x.Code == t.Code })
		if i < 0 {
			continue
		}
		row := splitRow{Name: l.termName(t), spoken: l.speak(list[i].Figure, m)}
		if row.Useless {
			useless = append(useless, row.Name)
			continue
		}
		if x := list[i]; x.State == query.Published || x.State == query.Unreliable {
			strip := chart.NewStrip(260, x.Value, x.Low, x.High, top, x.State == query.Unreliable)
			row.Strip = &strip
		}
		out.Rows = append(out.Rows, row)
	}
	out.Note = l.T("split.note")
	switch len(useless) {
	case 0:
	case len(list):
		out.Useless = l.T("split.nothing")
	default:
		out.Useless = l.T("split.useless", strings.Join(useless, ", "))
	}
	return out
}
