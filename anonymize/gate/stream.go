package gate

import (
	"fmt"
	"math"

	"brume/anonymize/exact"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/release"
)

// stream is a year stream's cells: the same block for each area, those in
// session in the order of the registry.
type stream struct {
	index  int // in Plan.Families
	family policy.FamilyPlan
	areas  []area
}

// area is one area of the registry, in session or not.
type area struct{ code, zone string }

// streams lists the year streams of a plan.
func (y Year) streams() (out []stream) {
	for i, f := range y.Plan.Families {
		if f.Cadence == policy.YearStream {
			out = append(out, stream{i, f, y.areas(f.Area)})
		}
	}
	return out
}

// areas lists all areas of a grain with their zones, in the order of a layout.
func (y Year) areas(grain policy.Area) (out []area) {
	other := y.Plan.Policy.Calendar.OtherZone
	if grain == policy.ByDepartment {
		for _, d := range y.Registry.Departments {
			out = append(out, area{d.Code, d.Zone})
		}
	} else {
		for _, s := range y.Registry.Schools {
			out = append(out, area{s.UAI.String(), y.Registry.ZoneOf(s.UAI, other)})
		}
	}
	return append(out, area{registry.Other, other})
}

// session gives the place of each area among those in session, -1 for the
// others, and how many they are.
func (s stream) session(p *policy.Policy, w policy.Window) (places []int, n int) {
	places = make([]int, len(s.areas))
	for i, a := range s.areas {
		places[i] = -1
		if p.InSession(a.zone, w) {
			places[i] = n
			n++
		}
	}
	return places, n
}

// span is where a stream's cells lie in a layout.
type span struct{ from, to, block int }

// span locates the stream in a window's layout, which MUST list the areas in
// session in the registry's order.
func (s stream) span(layout *policy.Layout, cells []release.Cell, places []int, n int) (span, error) {
	from, to := layout.Range(s.index)
	if n == 0 || (to-from)%n != 0 {
		return span{from, to, 0}, nil
	}
	block := (to - from) / n
	for i, a := range s.areas {
		if places[i] >= 0 && cells[from+places[i]*block].Area != a.code {
			return span{}, fmt.Errorf("family %s: the layout's areas are not the registry's", s.family.Name)
		}
	}
	return span{from, to, block}, nil
}

// past is an earlier step of a stream, with the noise that it drew.
type past struct {
	window policy.Window
	draft  string
	named  ledger.Noise
	noise  *exact.Noise
}

// lag counts a zone's windows after an earlier step up to a later one: steps are
// counted in the zone's own windows, since an area out of session has none.
func lag(p *policy.Policy, zone string, after, upTo policy.Window) (n int) {
	for _, w := range p.Windows(policy.YearStream)[after.Index+1 : upTo.Index+1] {
		if p.InSession(zone, w) {
			n++
		}
	}
	return n
}

// weigh adds to each cell of the window the earlier steps' noise as its √-Toeplitz
// factor weighs it, and multiplies its sigma, which is that of z, so that it is
// that of all its noise: σ·sqrt(Σ f_j²).
func (s stream) weigh(p *policy.Policy, w policy.Window, at span, steps []past, sum *exact.Past, cells []release.Cell) error {
	factors := policy.Toeplitz(w.Index + 1)
	here, _ := s.session(p, w)
	squares := make([]float64, len(s.areas))
	for _, step := range steps {
		there, _ := s.session(p, step.window)
		weights := map[string]float64{}
		for i, a := range s.areas {
			if here[i] < 0 || there[i] < 0 {
				continue
			}
			f, known := weights[a.zone]
			if !known {
				f = factors[lag(p, a.zone, step.window, w)]
				weights[a.zone] = f
			}
			squares[i] += f * f
			for b := range at.block {
				if err := sum.Add(at.from+here[i]*at.block+b, f, step.noise, there[i]*at.block+b); err != nil {
					return err
				}
			}
		}
	}
	for i := range s.areas {
		for b := range at.block {
			if here[i] >= 0 {
				cells[at.from+here[i]*at.block+b].Sigma *= math.Sqrt(1 + squares[i])
			}
		}
	}
	return nil
}
