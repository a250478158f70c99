package chart

import (
	"math"
	"time"
	"unicode/utf8"
)

// Point is one week of a series.
type Point struct {
	Week             time.Time
	Value, Low, High float64
	Hollow           bool // drawn as a ring: incomplete or unreliable
	Break            bool // not to be joined with the week before
}

// Series is a line over weeks. A week without a point is a gap in the line.
type Series struct {
	Name   string
	Value  string // of the latest week, in words
	Style  int    // of a compared series, from 1: names its colour and dashes
	Points []Point
}

// Zone is a holiday zone and the weeks in which it is off.
type Zone struct {
	Name string
	Off  []Span
}

// Span is a run of days, To exclusive.
type Span struct {
	From, To time.Time
	Name     string // what is written in its shade; may be empty
}

// Line asks for a weekly line with its 95 % band.
type Line struct {
	ID            string // prefix of the ids inside the SVG
	Width, Height float64
	From, To      time.Time // the axis, To exclusive
	Main          Series
	Compared      []Series // thin lines without a band
	Shades        []Span   // shaded in the plot
	Zones         []Zone   // rows below the plot
	Ceiling       float64  // the axis never goes beyond; 0: no ceiling
	Value         func(float64) string
	Month         func(time.Time) string
}

const (
	rowHeight = 16
	letter    = 8.2 // the width of a letter of a name, generously
	nameGap   = 12  // between the end of a line and its name
	gapDays   = 8   // weeks further apart than this are not joined
)

// Draw computes the chart. Without any point it draws the axes only.
func (l Line) Draw() Drawing {
	narrow := l.Width < 500
	d := Drawing{ID: l.ID, Width: l.Width, Height: l.Height, Left: 56, Right: l.Width - 16, Top: 18, Bottom: l.Height - 34}
	if !narrow {
		d.Left = 64
		l.makeRoom(&d)
	}
	if len(l.Zones) > 0 {
		d.Bottom -= rowHeight*float64(len(l.Zones)) + 6
	}
	x, y := l.scales(&d)
	l.months(&d, x, narrow)
	l.holidays(&d, x)
	l.main(&d, x, y)
	for _, s := range l.Compared {
		path := Path{Style: s.Style}
		for _, run := range runs(s.Points) {
			path.Data = append(path.Data, polyline(run, x, y))
		}
		d.Compared = append(d.Compared, path)
	}
	if narrow {
		l.shortLabel(&d)
	} else {
		l.labels(&d, x, y)
	}
	return d
}

// makeRoom moves the plot's right edge so that the longest name at the end of
// a line stays inside the drawing.
func (l Line) makeRoom(d *Drawing) {
	n := len(l.Main.Points)
	if n == 0 {
		return
	}
	need := 0.0
	for _, s := range append([]Series{l.Main}, l.Compared...) {
		need = math.Max(need, nameGap+letter*float64(utf8.RuneCountInString(s.label())))
	}
	share := float64(middle(l.Main.Points[n-1]).Sub(l.From)) / float64(l.To.Sub(l.From))
	if share > 0 {
		d.Right = math.Min(d.Right, round(d.Left+(l.Width-4-need-d.Left)/share))
	}
}

func (s Series) label() string {
	if s.Value == "" {
		return s.Name
	}
	return s.Name + " " + s.Value
}

func (l Line) scales(d *Drawing) (x func(time.Time) float64, y func(float64) float64) {
	days := math.Max(l.To.Sub(l.From).Hours()/24, 7)
	x = func(at time.Time) float64 {
		return round(d.Left + (d.Right-d.Left)*at.Sub(l.From).Hours()/24/days)
	}
	top := 0.0
	for _, s := range append([]Series{l.Main}, l.Compared...) {
		for _, p := range s.Points {
			top = math.Max(top, p.High)
		}
	}
	if l.Ceiling > 0 {
		top = math.Min(top, l.Ceiling)
	}
	step := niceStep(top, 6)
	top = math.Max(step, math.Ceil(top/step-1e-9)*step)
	y = func(v float64) float64 {
		v = math.Min(math.Max(v, 0), top)
		return round(d.Bottom - (d.Bottom-d.Top)*v/top)
	}
	for v := 0.0; v <= top+step/2; v += step {
		d.YTicks = append(d.YTicks, Tick{y(v), l.Value(v)})
	}
	return x, y
}

// niceStep is 1, 2, 2.5 or 5 times a power of ten, so that about n steps reach top.
func niceStep(top float64, n int) float64 {
	if !(top > 0) {
		return 1
	}
	raw := top / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, f := range []float64{1, 2, 2.5, 5} {
		if f*power >= raw {
			return f * power
		}
	}
	return 10 * power
}

func (l Line) months(d *Drawing, x func(time.Time) float64, narrow bool) {
	thin := narrow && (d.Right-d.Left)/(l.To.Sub(l.From).Hours()/24/30) < 44 // room for every second name only
	first := time.Date(l.From.Year(), l.From.Month(), 1, 0, 0, 0, 0, time.UTC)
	for i, m := 0, first; m.Before(l.To.AddDate(0, 0, -12)); i, m = i+1, m.AddDate(0, 1, 0) {
		at := m
		if at.Before(l.From) {
			if l.From.Day() > 20 { // too short a stub to carry a label
				i--
				continue
			}
			at = l.From
		}
		if thin && i%2 == 1 {
			continue
		}
		d.XTicks = append(d.XTicks, Tick{x(at), l.Month(m)})
	}
}

func (l Line) holidays(d *Drawing, x func(time.Time) float64) {
	for _, off := range l.Shades {
		box := Box{x(off.From), d.Top, round(x(off.To) - x(off.From)), round(d.Bottom - d.Top)}
		upright := 0.87*letter*float64(utf8.RuneCountInString(off.Name)) > box.W
		d.Shades = append(d.Shades, Shade{box, off.Name, upright})
	}
	for i, zone := range l.Zones {
		row := Row{Name: zone.Name, Y: d.Bottom + 34 + rowHeight*float64(i)}
		for _, off := range zone.Off {
			row.Boxes = append(row.Boxes, Box{x(off.From), row.Y, round(x(off.To) - x(off.From)), rowHeight - 5})
		}
		d.Rows = append(d.Rows, row)
	}
}

func (l Line) main(d *Drawing, x func(time.Time) float64, y func(float64) float64) {
	for _, run := range runs(l.Main.Points) {
		d.Lines = append(d.Lines, polyline(run, x, y))
		d.Bands = append(d.Bands, band(run, x, y))
		for _, p := range run {
			d.Dots = append(d.Dots, Dot{x(middle(p)), y(p.Value), p.Hollow})
		}
	}
	if n := len(l.Main.Points); n > 0 {
		p := l.Main.Points[n-1]
		d.Last = &Mark{x(middle(p)), y(p.Value), y(p.Low), y(p.High), p.Hollow}
	}
}

// shortLabel writes the latest value only, above its interval.
func (l Line) shortLabel(d *Drawing) {
	if d.Last != nil && l.Main.Value != "" {
		end := d.Last.X > (d.Left+d.Right)/2
		d.Labels = append(d.Labels, Label{X: d.Last.X, Y: math.Max(d.Last.High-10, d.Top+10), Text: l.Main.Value, End: end})
	}
}

// labels names the lines at their right ends, moved apart where they meet.
func (l Line) labels(d *Drawing, x func(time.Time) float64, y func(float64) float64) {
	for _, s := range append([]Series{l.Main}, l.Compared...) {
		if n := len(s.Points); n > 0 {
			p := s.Points[n-1]
			d.Labels = append(d.Labels, Label{X: x(middle(p)) + nameGap, Y: y(p.Value) + 5, Style: s.Style, Text: s.label()})
		}
	}
	end := 0.0
	for _, label := range d.Labels {
		end = math.Max(end, label.X)
	}
	for i := range d.Labels {
		d.Labels[i].X = end
	}
	const line = 18
	for range d.Labels { // few labels: push the lower of each pair down until none overlap
		for i := range d.Labels {
			for j := range d.Labels {
				a, b := &d.Labels[i], &d.Labels[j]
				if i != j && (a.Y < b.Y || (a.Y == b.Y && i < j)) && b.Y-a.Y < line {
					b.Y = a.Y + line
				}
			}
		}
	}
}
