package chart

import "math"

// Strip is an interval on a short horizontal axis from 0 to Max, in
// coordinates: a soft bar from low to high, and a mark at the value.
type Strip struct {
	Width, Height  float64
	X, W, At       float64
	Mid            float64
	Hollow         bool // no mark: only the range means something
	TickX, TickMax float64
}

// NewStrip draws an interval. Bounds outside the axis are cut.
func NewStrip(width, value, low, high, top float64, hollow bool) Strip {
	if !(top > 0) {
		top = 1
	}
	const pad = 4
	x := func(v float64) float64 {
		return round(pad + (width-2*pad)*math.Min(math.Max(v/top, 0), 1))
	}
	return Strip{
		Width: width, Height: 18, Mid: 9, Hollow: hollow,
		X: x(low), W: round(math.Max(x(high)-x(low), 2)), At: x(value), TickX: pad, TickMax: width - pad,
	}
}
