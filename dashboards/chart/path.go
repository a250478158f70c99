package chart

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// middle is the Thursday of a point's week, where its dot stands.
func middle(p Point) time.Time { return p.Week.AddDate(0, 0, 3) }

// runs cuts a series at its gaps.
func runs(points []Point) [][]Point {
	var all [][]Point
	for i, p := range points {
		if i == 0 || p.Break || p.Week.Sub(points[i-1].Week) > gapDays*24*time.Hour {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], p)
	}
	return all
}

func polyline(run []Point, x func(time.Time) float64, y func(float64) float64) string {
	var b strings.Builder
	for i, p := range run {
		fmt.Fprintf(&b, "%s%g %g", verb(i), x(middle(p)), y(p.Value))
	}
	return b.String()
}

// band is the area between the bounds; a lone week gets a sliver of width.
func band(run []Point, x func(time.Time) float64, y func(float64) float64) string {
	if len(run) == 1 {
		at, low, high := x(middle(run[0])), y(run[0].Low), y(run[0].High)
		return fmt.Sprintf("M%g %gL%g %gL%g %gL%g %gZ", at-3, high, at+3, high, at+3, low, at-3, low)
	}
	var b strings.Builder
	for i, p := range run {
		fmt.Fprintf(&b, "%s%g %g", verb(i), x(middle(p)), y(p.High))
	}
	for i := len(run) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "L%g %g", x(middle(run[i])), y(run[i].Low))
	}
	return b.String() + "Z"
}

func verb(i int) string {
	if i == 0 {
		return "M"
	}
	return "L"
}

func round(v float64) float64 { return math.Round(v*10) / 10 }
