package policy

import "brume/schemas/registry"

// area is one area in session: its index in the registry and its code.
type area struct {
	index int
	code  string
}

// areas lists the areas in session, Other (index -1) last. A school whose
// department the registry does not hold follows Other's calendar, as in
// Registry.ZoneOf.
func areas(p *Policy, grain Area, reg *registry.Registry, w Window) []area {
	zones := make(map[string]string, len(reg.Departments))
	for _, d := range reg.Departments {
		zones[d.Code] = d.Zone
	}
	var out []area
	if grain == ByDepartment {
		for i, d := range reg.Departments {
			if p.InSession(d.Zone, w) {
				out = append(out, area{i, d.Code})
			}
		}
	} else {
		for i, s := range reg.Schools {
			zone, ok := zones[s.Department]
			if !ok {
				zone = p.Calendar.OtherZone
			}
			if p.InSession(zone, w) {
				out = append(out, area{i, s.UAI.String()})
			}
		}
	}
	if p.InSession(p.Calendar.OtherZone, w) {
		out = append(out, area{-1, registry.Other})
	}
	return out
}

// positions maps an area index plus one to its place among those in session, or
// -1; n is the number of areas that the registry may hold.
func positions(in []area, n int) []int {
	out := make([]int, n+1)
	for i := range out {
		out[i] = -1
	}
	for i, a := range in {
		out[a.index+1] = i
	}
	return out
}
