package portal

import "brume/internal/look"

// chart is the trend of the last days, drawn for one width of the page.
type chart struct {
	ID, Title           string
	Width, Height       int
	Left, AxisX, LabelY int
	Ticks               []tick
	Bars                []bar
}

type tick struct {
	Y    int
	Text string
}

// bar is one day: refused statements stand on accepted ones.
type bar struct {
	X, W, Mid            int
	AcceptedY, AcceptedH int
	RefusedY, RefusedH   int
	Name                 string // "" where there is no room for one
}

// charts draws the trend for wide, medium and narrow pages, of which the style
// sheet shows one. The id tells the charts of a page apart.
func charts(l *look.Locale, id string, days []Day) []chart {
	return []chart{
		draw(l, "wide", id, days, 1088, 260, 1),
		draw(l, "medium", id, days, 700, 240, 2),
		draw(l, "narrow", id, days, 330, 200, 4),
	}
}

// draw names every nth day, and never the last where that would not fit.
func draw(l *look.Locale, size, id string, days []Day, width, height, nth int) chart {
	const top, foot, axis = 10, 28, 64
	c := chart{ID: size, Title: l.T("trend.title"), Width: width, Height: height, Left: axis, AxisX: axis - 8, LabelY: height - 6}
	c.Title += " (" + id + ")"
	most := int64(1)
	for _, d := range days {
		most = max(most, d.Accepted+d.Refused)
	}
	step := stepFor(most)
	ceiling := (most + step - 1) / step * step
	floor := height - foot
	scale := func(n int64) int { return int(float64(n) / float64(ceiling) * float64(floor-top)) }
	for v := int64(0); v <= ceiling; v += step {
		c.Ticks = append(c.Ticks, tick{floor - scale(v), l.Number(float64(v), 0)})
	}
	pitch := (width - axis) / len(days)
	for i, d := range days {
		b := bar{X: axis + i*pitch + pitch/8, W: pitch * 3 / 4, AcceptedH: atLeast(scale(d.Accepted), d.Accepted), RefusedH: atLeast(scale(d.Refused), d.Refused)}
		b.Mid = b.X + b.W/2
		b.AcceptedY = floor - b.AcceptedH
		b.RefusedY = b.AcceptedY - b.RefusedH
		if (len(days)-1-i)%nth == nth/2 {
			b.Name = l.T("trend.label", d.start.Day(), l.ShortMonth(d.start))
			if nth == 1 && i > 0 && d.start.Day() != 1 {
				b.Name = l.Number(float64(d.start.Day()), 0)
			}
		}
		c.Bars = append(c.Bars, b)
	}
	return c
}

// atLeast keeps what is not zero visible.
func atLeast(height int, n int64) int {
	if n > 0 {
		return max(height, 2)
	}
	return 0
}

// stepFor gives a round step that divides 0…most into two to five parts.
func stepFor(most int64) int64 {
	for step := int64(1); ; step *= 10 {
		for _, s := range []int64{step, 2 * step, 5 * step} {
			if most <= 5*s {
				return s
			}
		}
	}
}
