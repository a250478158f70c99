package portal

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"brume/internal/look"
	"brume/schemas/quality"
)

// qualityBody is the content of the quality page.
type qualityBody struct {
	Publisher, Lead string
	Notices         []string
	Cards           []card
	Sections        []sectionView
}

type card struct{ Name, Value, Help string }

// sectionView shows the figures of one kind of key.
type sectionView struct {
	ID, Heading, Intro, Empty string
	Charts                    []chart
	Days                      []dayView
	Sums                      sumsView
	Reasons                   []reasonView
	Unmapped                  []unmappedView
}

type dayView struct{ Name, Accepted, Refused string }

type sumsView struct {
	Caption string
	Periods []string
	Rows    []rowView
}

type rowView struct {
	Name, Help, Class string
	Values            []string
}

type reasonView struct {
	Count, Outcome, OutcomeText, Code, Explanation string
	Sample                                         *sampleView
}

type sampleView struct{ Pointer, Rule, Message, At, Skeleton string }

type unmappedView struct{ Name, Count, Mend string }

// qualityPage shows a publisher its own figures.
func (p *Portal) qualityPage(w http.ResponseWriter, r *http.Request) {
	f, ok := p.figures(w, r)
	if !ok {
		return
	}
	l := p.locale(r)
	out := p.frame(l, r, "quality")
	v := viewer{l, p.deps.Zone}
	body := qualityBody{Publisher: f.Publisher, Lead: v.lead(&f), Cards: v.cards(&f)}
	if !f.Complete {
		body.Notices = append(body.Notices, l.T("quality.incomplete"))
	}
	body.Sections = []sectionView{v.section("production", &f.Production, true), v.section("sandbox", &f.Sandbox, false)}
	out.Body = body
	p.write(w, l, out)
}

// viewer writes figures in a language.
type viewer struct {
	*look.Locale
	zone *time.Location
}

func (v viewer) n(n int64) string { return v.Number(float64(n), 0) }

// at writes an instant to the minute.
func (v viewer) at(t time.Time) string {
	t = t.In(v.zone)
	return v.T("instant", v.Day(t), t.Format("15:04"))
}

func (v viewer) lead(f *Figures) string {
	if f.Production.LastStatement.IsZero() {
		return v.T("quality.never")
	}
	return v.T("quality.last", v.at(f.Production.LastStatement))
}

func (v viewer) cards(f *Figures) []card {
	sums := f.Production.Fortnight
	cards := []card{
		{v.T("card.accepted"), v.n(sums.Accepted), v.T("card.fortnight")},
		{v.T("card.refused"), v.n(sums.Refused), v.T("card.fortnight")},
	}
	if sums.Received > 0 {
		cards[1].Help = v.T("card.share", v.Percent(100*float64(sums.Refused)/float64(sums.Received), 1))
	}
	lag := card{v.T("card.lag"), v.T("card.lag.unknown"), v.T("card.lag.help")}
	if f.LagSeconds != nil {
		lag.Value = v.duration(time.Duration(*f.LagSeconds) * time.Second)
	}
	return append(cards, lag)
}

// duration writes "moins d’une minute", "12 min" or "3 h".
func (v viewer) duration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return v.T("duration.short")
	case d < time.Hour:
		return v.T("duration.minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return v.T("duration.hours", int(d.Hours()))
	}
	return v.T("duration.days", int(d.Hours()/24))
}

func (v viewer) section(id string, s *Section, production bool) sectionView {
	out := sectionView{ID: id, Heading: v.T("section." + id)}
	if !production {
		out.Intro = v.T("section.sandbox.intro")
	}
	if s.Year.Received+s.Year.Postponed == 0 {
		out.Empty = v.T("section.empty")
		return out
	}
	out.Sums = v.sums(s, production)
	out.Reasons = v.reasons(s.Fortnight.Reasons)
	out.Unmapped = v.unmapped(s.Fortnight.Unmapped)
	if production {
		out.Charts = charts(v.Locale, v.T("section.production"), s.Days)
		for _, d := range s.Days {
			out.Days = append(out.Days, dayView{v.DayMonth(d.start), v.n(d.Accepted), v.n(d.Refused)})
		}
	}
	return out
}

// sums is the table of the three periods. Nothing of a sandbox is folded.
func (v viewer) sums(s *Section, production bool) sumsView {
	out := sumsView{Caption: v.T("sums.caption"), Periods: []string{v.T("period.day"), v.T("period.fortnight"), v.T("period.year")}}
	row := func(name, class string, get func(*Sums) int64) {
		r := rowView{Name: v.T("sums." + name), Help: v.T("sums." + name + ".help"), Class: class}
		for _, sums := range []*Sums{&s.LastDay, &s.Fortnight, &s.Year} {
			r.Values = append(r.Values, v.n(get(sums)))
		}
		out.Rows = append(out.Rows, r)
	}
	row("received", "total", func(s *Sums) int64 { return s.Received })
	row("accepted", "part", func(s *Sums) int64 { return s.Accepted })
	row("refused", "part", func(s *Sums) int64 { return s.Refused })
	row("postponed", "", func(s *Sums) int64 { return s.Postponed })
	if production {
		row("folded", "total", func(s *Sums) int64 { return s.Folded })
		row("late", "part", func(s *Sums) int64 { return s.Late })
		row("duplicates", "", func(s *Sums) int64 { return s.Duplicates })
	}
	row("not_folded", "", func(s *Sums) int64 { return s.NotFolded })
	return out
}

func (v viewer) reasons(list []Reason) (out []reasonView) {
	for _, r := range list {
		view := reasonView{Count: v.n(r.Count), Outcome: r.Outcome, OutcomeText: v.T("outcome." + r.Outcome), Code: r.Code, Explanation: r.Explanation}
		if s := r.Sample; s != nil {
			message := s.Message
			if v.Lang == "fr" && s.French != "" {
				message = s.French
			}
			view.Sample = &sampleView{Pointer: s.Pointer, Rule: s.Rule, Message: message, At: v.at(s.At), Skeleton: indented(s.Skeleton)}
		}
		out = append(out, view)
	}
	return out
}

// indented sets JSON text on lines.
func indented(text string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(text), "", "  ") != nil {
		return text
	}
	return b.String()
}

func (v viewer) unmapped(counts map[string]int64) (out []unmappedView) {
	for _, field := range quality.Fields {
		if n := counts[field]; n > 0 {
			out = append(out, unmappedView{v.T("field." + field), v.TN("unmapped.count", float64(n), v.n(n)), v.T("field." + field + ".mend")})
		}
	}
	return out
}
