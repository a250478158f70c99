package chart

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func week(n int) time.Time { return time.Date(2026, 8, 31, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*n) }

func line(points ...Point) Line {
	return Line{
		ID: "x", Width: 1040, Height: 420, From: week(0), To: week(10),
		Main:  Series{Name: "13", Points: points},
		Value: func(v float64) string { return fmt.Sprint(v) },
		Month: func(d time.Time) string { return d.Format("Jan") },
	}
}

func TestGapsBreakTheLine(t *testing.T) {
	d := line(
		Point{Week: week(0), Value: 10, Low: 8, High: 12}, Point{Week: week(1), Value: 11, Low: 9, High: 13},
		Point{Week: week(4), Value: 12, Low: 10, High: 14},
		Point{Week: week(5), Value: 20, Low: 18, High: 22, Break: true},
	).Draw()
	if len(d.Lines) != 3 || len(d.Bands) != 3 || len(d.Dots) != 4 {
		t.Errorf("%d lines, %d bands, %d dots, want 3, 3, 4", len(d.Lines), len(d.Bands), len(d.Dots))
	}
}

func TestTicks(t *testing.T) {
	for top, want := range map[float64]string{
		0: "0 1", 0.97: "0 0.2 0.4 0.6000000000000001 0.8 1", 58: "0 10 20 30 40 50 60", 1240: "0 250 500 750 1000 1250", 2_400_000: "0 500000 1e+06 1.5e+06 2e+06 2.5e+06",
	} {
		d := line(Point{Week: week(0), Value: top, Low: top, High: top}).Draw()
		var got []string
		for _, tick := range d.YTicks {
			got = append(got, tick.Text)
		}
		if diff := cmp.Diff(strings.Join(got, " "), want); diff != "" {
			t.Errorf("up to %v (-got, +want):\n%s", top, diff)
		}
	}
}

func TestNothingOutsideThePlot(t *testing.T) {
	l := line(Point{Week: week(0), Value: -5, Low: -20, High: 10}, Point{Week: week(1), Value: 0.5, Low: 0.2, High: 1.4})
	l.Ceiling = 1
	d := l.Draw()
	for _, dot := range d.Dots {
		if dot.Y > d.Bottom || dot.Y < d.Top || dot.X < d.Left || dot.X > d.Right {
			t.Errorf("dot %+v outside %+v", dot, d)
		}
	}
	if d.Last.Low > d.Bottom || d.Last.High < d.Top {
		t.Errorf("interval %+v outside the plot", d.Last)
	}
}

func TestEmptyChart(t *testing.T) {
	if d := line().Draw(); d.Last != nil || len(d.YTicks) < 2 {
		t.Errorf("%+v", d)
	}
}

func TestLabelsStayApart(t *testing.T) {
	p := Point{Week: week(3), Value: 10, Low: 9, High: 11}
	l := line(p)
	l.Compared = []Series{{Name: "a", Style: 1, Points: []Point{p}}, {Name: "b", Style: 2, Points: []Point{p}}}
	d := l.Draw()
	for i, a := range d.Labels {
		for j, b := range d.Labels {
			if gap := a.Y - b.Y; i != j && gap > -15 && gap < 15 {
				t.Errorf("labels %q and %q are %g apart", a.Text, b.Text, gap)
			}
		}
	}
}

func TestHolidays(t *testing.T) {
	off := []Span{{week(2), week(4), "Toussaint"}, {week(6), week(7), "Noël"}}
	l := line()
	l.Shades = off
	if d := l.Draw(); len(d.Shades) != 2 || d.Shades[0].Upright || d.Shades[0].Name != "Toussaint" || len(d.Rows) != 0 {
		t.Errorf("wide: %+v, %d rows", d.Shades, len(d.Rows))
	}
	l.Width = 360
	if d := l.Draw(); !d.Shades[0].Upright {
		t.Errorf("narrow: %+v", d.Shades)
	}
	l.Zones = []Zone{{"A", off}, {"B", off}}
	if d := l.Draw(); len(d.Rows) != 2 || len(d.Rows[0].Boxes) != 2 || d.Rows[1].Y+rowHeight > d.Height {
		t.Errorf("zones: %+v", d.Rows)
	}
}

func TestNamesStayInside(t *testing.T) {
	for weeks := range 10 {
		l := line(Point{Week: week(0), Value: 3}, Point{Week: week(weeks), Value: 4})
		l.Main.Name, l.Main.Value = "Alpes-de-Haute-Provence", "38,4 %"
		d := l.Draw()
		if end := d.Labels[0].X + letter*float64(len(d.Labels[0].Text)); end > l.Width || d.Right < d.Left+200 {
			t.Errorf("after %d weeks the name ends at %g, the plot at %g", weeks, end, d.Right)
		}
	}
}

func TestStrip(t *testing.T) {
	s := NewStrip(208, 0.5, -1, 2, 1, false)
	if s.X != 4 || s.W != 200 || s.At != 104 {
		t.Errorf("%+v", s)
	}
}
