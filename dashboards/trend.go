package dashboards

import (
	"context"
	"net/http"
	"slices"

	"brume/aggregate/query"
	"brume/dashboards/chart"
)

// trend is the content of the trend page.
type trend struct {
	Empty   bool
	Form    form
	Area    string
	Measure string
	Figure  *figureView
	CSV     string
}

// figureView is the trend's figure: sentences, drawings of the same chart (for
// wide, medium and narrow windows) and the table.
type figureView struct {
	Title, Finding, Week, Description string
	Since                             string // against the figure four weeks of figures ago
	Change                            verdict
	Latest                            spoken
	Charts                            []drawn
	Legend                            []legendEntry
	Zones                             bool
	HeadMain                          string
	HeadCompared                      []string
	Rows                              []trendRow
	Caption                           string
	HasRing, HasBreak, HasParts       bool
}

// drawn is a drawing with its text alternative.
type drawn struct {
	chart.Drawing
	Title, Description string
}

// AxisX is where the labels of the value axis end.
func (d drawn) AxisX() float64 { return d.Left - 8 }

// TickY and MonthY are where the ticks and names of months stand.
func (d drawn) TickY() float64  { return d.Bottom + 18 }
func (d drawn) MonthY() float64 { return d.Bottom + 17 }

type legendEntry struct {
	Style int
	Text  string
}

type trendRow struct {
	Week, Parts string
	Year        int
	spoken
	Compared []string
}

func (s *Server) trend(ctx context.Context, l *locale, r *http.Request, p *page) error {
	w, err := s.world(ctx, l, r.URL.Query().Get("area"))
	if err != nil {
		return err
	}
	if len(w.releases) == 0 {
		p.Body = trend{Empty: true}
		return nil
	}
	f, notices := s.filter(l, w, r.URL.Query())
	p.Notices = notices
	body := trend{Form: s.form(l, w, f, l.prefix+"/trend"), Area: l.areaName(f.Area), Measure: l.T("measure." + string(f.Measure)),
		CSV: f.address(l.prefix + "/trend.csv")}
	if body.Figure, err = s.trendFigure(ctx, l, w, f); err != nil {
		return err
	}
	for _, release := range w.releases {
		if release.Year == f.Year {
			p.Release = release.ID
			break
		}
	}
	p.Body = body
	return nil
}

// trendFigure returns nil when the area has no figure in the year.
func (s *Server) trendFigure(ctx context.Context, l *locale, w world, f filters) (*figureView, error) {
	compared := comparedWith(w, f)
	codes := make([]string, len(compared))
	for i, a := range compared {
		codes[i] = a.Code
	}
	q := query.TrendQuery{Area: f.Area.Code, Measure: f.Measure, Level: f.Level, Subject: f.Subject, Year: f.Year}
	all, err := s.reader.Trends(ctx, q, codes...)
	if err != nil || len(all[f.Area.Code]) == 0 {
		return nil, err
	}
	sessions, err := s.reader.Calendar(ctx, f.Year)
	if err != nil {
		return nil, err
	}
	points := all[f.Area.Code]
	v := &figureView{HeadMain: l.areaName(f.Area)}
	v.words(l, w, f, points)
	v.table(l, f, compared, all)
	zones := holidayZones(l, f.Area, sessions)
	line := chart.Line{
		Main:  series(l.shortName(f.Area), points, isRate(f.Measure)),
		Month: l.ShortMonth,
		Value: func(x float64) string { return l.axis(x, f.Measure) },
	}
	if isRate(f.Measure) {
		line.Ceiling = 1
	}
	line.Main.Value = l.latest(points, f.Measure)
	line.From, line.To = axis(points, zones, sessions)
	line.Shades = within(shared(zones), line.From, line.To)
	if len(zones) > 1 {
		for _, z := range zones {
			line.Zones = append(line.Zones, chart.Zone{Name: z.Name, Off: within(z.Off, line.From, line.To)})
		}
	}
	v.Legend = append(v.Legend, legendEntry{0, l.areaName(f.Area)})
	for _, a := range compared {
		beside := series(l.shortName(a), all[a.Code], true)
		if beside.Style = 1; a.Kind == "nation" {
			beside.Style = 2
		}
		beside.Value = l.latest(all[a.Code], f.Measure)
		line.Compared = append(line.Compared, beside)
		v.Legend = append(v.Legend, legendEntry{beside.Style, l.areaName(a)})
	}
	v.Zones = len(zones) > 0
	for _, size := range []struct {
		id            string
		width, height float64
	}{{"wide", 1080, 440}, {"medium", 720, 400}, {"narrow", 360, 300}} {
		line.ID, line.Width, line.Height = size.id, size.width, size.height
		v.Charts = append(v.Charts, drawn{line.Draw(), v.Title, v.Description})
	}
	return v, nil
}

// latest is the value of the last week, when it means something.
func (l *locale) latest(points []query.Point, m query.Measure) string {
	if n := len(points); n > 0 && points[n-1].State == query.Published {
		return l.speak(points[n-1].Figure, m).Value
	}
	return ""
}

// comparedWith are the area's academy and the nation, for rates only: counts
// of areas of different size say nothing beside each other.
func comparedWith(w world, f filters) []query.Area {
	var list []query.Area
	if !isRate(f.Measure) {
		return nil
	}
	for _, code := range []string{f.Area.Academy, "france"} {
		alone := f.Area.Kind == "department" && w.departments(code) == 1 // the academy is the department
		if a, ok := w.area(code); ok && a.Code != f.Area.Code && f.Area.Kind != "nation" && !alone {
			list = append(list, a)
		}
	}
	return list
}

func (v *figureView) words(l *locale, w world, f filters, points []query.Point) {
	last := points[len(points)-1]
	v.Title = l.T("trend.title."+string(f.Measure), l.areaName(f.Area), f.Year)
	if t, ok := w.term("level", f.Level); ok {
		v.Title += " – " + l.termName(t)
	}
	if t, ok := w.term("subject", f.Subject); ok {
		v.Title += " – " + l.termName(t)
	}
	v.Latest = l.speak(last.Figure, f.Measure)
	v.Week = l.week(last.Start)
	v.Finding = l.T("trend.finding", l.week(last.Start), l.sentence(v.Latest))
	v.Change = l.change(query.Change{}, f.Measure)
	if len(points) > 1 {
		before := points[len(points)-2]
		v.Change = l.between(last, before, last.Figure, before.Figure, f.Measure)
	}
	if n := len(points); n > 4 {
		v.Since = l.since(last, points[n-5], f.Measure)
	}
	v.Description = l.TN("trend.description", float64(len(points)), l.Count(len(points)), v.Finding)
	v.Caption = l.T("trend.caption", v.Title)
}

// sentence joins a figure and its range.
func (l *locale) sentence(s spoken) string {
	if s.State == query.Published {
		return s.About + " (" + s.Between + ")"
	}
	return s.About
}

func (v *figureView) table(l *locale, f filters, compared []query.Area, all map[string][]query.Point) {
	for _, a := range compared {
		v.HeadCompared = append(v.HeadCompared, l.areaName(a))
	}
	for _, p := range slices.Backward(all[f.Area.Code]) {
		v.HasParts = v.HasParts || p.PartsOf > 1
		v.HasBreak = v.HasBreak || (!p.SamePerimeter(all[f.Area.Code][0]) && !isRate(f.Measure))
		row := trendRow{Week: l.DayMonth(p.Start), Year: p.Start.Year(), Parts: l.Count(int(p.Parts)), spoken: l.speak(p.Figure, f.Measure)}
		if p.Incomplete {
			row.StateText += ", " + l.T("state.incomplete")
		}
		v.HasRing = v.HasRing || p.Incomplete || p.State == query.Unreliable
		for _, a := range compared {
			text := l.T("state.nodata")
			if i := slices.IndexFunc(all[a.Code], func(x query.Point) bool { return x.Release == p.Release }); i >= 0 {
				s := l.speak(all[a.Code][i].Figure, f.Measure)
				if text = s.Value; s.State != query.Published {
					text = s.StateText
				}
			}
			row.Compared = append(row.Compared, text)
		}
		v.Rows = append(v.Rows, row)
	}
}
