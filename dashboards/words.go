package dashboards

import (
	"math"

	"brume/aggregate/query"
)

// spoken is a figure in words, rounded to its noise.
type spoken struct {
	Value, Low, High string // bare numbers: "1 240"
	About            string // "environ 1 240 élèves"
	Between          string // "entre 1 190 et 1 290"
	State            query.State
	StateText        string
	Useless          bool // the range is all that is possible
}

// grain is the step to which a figure is rounded: a power of ten below half of
// its half-width, so that two digits of the noise remain at most.
func grain(halfWidth, least float64) float64 {
	if !(halfWidth > 0) {
		return least
	}
	return math.Max(least, math.Pow(10, math.Floor(math.Log10(halfWidth/2))))
}

// speak puts a figure into words. Bounds are rounded outwards and cut at what
// is possible; a masked figure has no numbers to say.
func (l *locale) speak(f query.Figure, m query.Measure) spoken {
	s := spoken{State: f.State, StateText: l.T("state." + string(f.State))}
	if f.State != query.Published && f.State != query.Unreliable {
		s.About = l.T("figure." + string(f.State))
		return s
	}
	scale, least, top := 1.0, 1.0, math.Inf(1)
	if isRate(m) {
		scale, least, top = 100, 0.1, 100
	}
	step := grain(f.HalfWidth()*scale, least)
	decimals := 0
	if step < 1 {
		decimals = 1
	}
	write := func(v float64) string {
		v = math.Min(math.Max(v, 0), top)
		if isRate(m) {
			return l.Percent(v, decimals)
		}
		return l.Number(v, decimals)
	}
	s.Value = write(math.Round(f.Value*scale/step) * step)
	s.Low = write(math.Floor(f.Low*scale/step+1e-9) * step)
	s.High = write(math.Ceil(f.High*scale/step-1e-9) * step)
	s.Between = l.T("figure.between", s.Low, s.High)
	s.About = l.T("figure.about."+string(m), s.Value)
	if f.State == query.Unreliable {
		s.Useless = isRate(m) && s.Low == write(0) && s.High == write(top)
		s.Value = "–"
		s.About = l.T("figure.range."+string(m), s.Low, s.High)
	}
	return s
}

// verdict says whether a figure went up or down, or that nobody can tell.
type verdict struct {
	Kind string // "up", "down", "noise", "none"
	Text string
}

// between says how a figure moved from one week to the next, or why the weeks
// cannot be compared.
func (l *locale) between(now, before query.Point, a, b query.Figure, m query.Measure) verdict {
	switch {
	case now.Incomplete || before.Incomplete:
		return verdict{"none", l.T("change.incomplete")}
	case !now.Comparable(before):
		return verdict{"none", l.T("change.perimeter")}
	}
	return l.compare(a, b, m)
}

// compare says how a figure moved between two weeks that can be compared. Of a
// rate whose range is all that means something it says nothing: its estimate
// is a quotient of two noisy sums.
func (l *locale) compare(now, before query.Figure, m query.Measure) verdict {
	if blurred(now, before, m) {
		return verdict{"noise", l.T("change.unreliable")}
	}
	return l.change(query.Difference(now, before), m)
}

func blurred(now, before query.Figure, m query.Measure) bool {
	return isRate(m) && (now.State == query.Unreliable || before.State == query.Unreliable)
}

// change says whether a difference exceeds the noise, and by how much.
func (l *locale) change(c query.Change, m query.Measure) verdict {
	if !c.Valid {
		return verdict{"none", l.T("change.none")}
	}
	if !c.Conclusive() {
		return verdict{"noise", l.T("change.noise")}
	}
	scale, least := 1.0, 1.0
	if isRate(m) {
		scale, least = 100, 0.1
	}
	step := grain((c.High-c.Low)/2*scale, least)
	decimals := 0
	if step < 1 {
		decimals = 1
	}
	way := "up"
	if c.Delta < 0 {
		way = "down"
	}
	key := "change." + way + "."
	kind := "count"
	if isRate(m) {
		kind = "rate"
	}
	size := math.Max(math.Round(math.Abs(c.Delta)*scale/step)*step, step)
	if kind == "count" {
		return verdict{way, l.T(key+kind, l.Number(size, decimals))}
	}
	return verdict{way, l.TN(key+kind, size, l.Number(size, decimals))}
}

// since compares the latest week with one further back.
func (l *locale) since(now, then query.Point, m query.Measure) string {
	change := query.Difference(now.Figure, then.Figure)
	if !change.Valid || !now.Comparable(then) || blurred(now.Figure, then.Figure, m) {
		return ""
	}
	way := "noise"
	if change.Conclusive() {
		if way = "up"; change.Delta < 0 {
			way = "down"
		}
	}
	return l.T("since."+way, l.week(then.Start))
}
