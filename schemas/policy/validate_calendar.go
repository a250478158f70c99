package policy

import (
	"errors"
	"time"

	"brume/schemas/registry"
)

func (p *Policy) validateCalendar(f *faults) {
	loc, err := time.LoadLocation(p.Timezone)
	if err != nil || p.Timezone == "" || p.Timezone == "Local" {
		f.addf("timezone: %q is unknown", p.Timezone)
		loc = time.UTC
	}
	start, end, err := yearBounds(p.SchoolYear, loc)
	if err != nil {
		*f = append(*f, err)
		return
	}
	f.wantf(len(p.Calendar.Zones) > 0, "calendar: no zones")
	names := make(map[string]bool)
	for _, z := range p.Calendar.Zones {
		f.wantf(z.Name != "" && z.Name != registry.Other, "calendar: zone name %q is reserved or empty", z.Name)
		f.wantf(!names[z.Name], "calendar: zone %s appears twice", z.Name)
		names[z.Name] = true
		z.validate(f, start, end)
	}
	f.wantf(names[p.Calendar.OtherZone], "calendar: other_zone %q is not a zone of the calendar", p.Calendar.OtherZone)
	p.validateEqual(f)
	p.validateWeekNumbers(f)
}

// validate checks one zone: weeks that exist, ascend and overlap the school
// year; half-terms that follow one another and leave no listed week out.
func (z Zone) validate(f *faults, start, end time.Time) {
	f.wantf(len(z.Weeks) > 0, "zone %s: no weeks", z.Name)
	position := make(map[string]int, len(z.Weeks))
	var last time.Time
	for i, w := range z.Weeks {
		monday, err := weekStart(w, start.Location())
		if err != nil {
			f.addf("zone %s: %w", z.Name, err)
			continue
		}
		f.wantf(monday.AddDate(0, 0, 7).After(start) && monday.Before(end),
			"zone %s: %s is outside the school year", z.Name, w)
		f.wantf(monday.After(last), "zone %s: %s does not come after the week before it in the list", z.Name, w)
		last = monday
		position[w] = i
	}
	next := 0
	names := make(map[string]bool)
	for _, h := range z.HalfTerms {
		f.wantf(validName(h.Name, true), "zone %s: half-term name %q must match [A-Za-z0-9_]+", z.Name, h.Name)
		f.wantf(!names[h.Name], "zone %s: half-term %s appears twice", z.Name, h.Name)
		names[h.Name] = true
		first, ok1 := position[h.First]
		final, ok2 := position[h.Last]
		if !ok1 || !ok2 {
			f.addf("zone %s: half-term %s: first %q and last %q must be listed weeks", z.Name, h.Name, h.First, h.Last)
			continue
		}
		f.wantf(first <= final, "zone %s: half-term %s ends before it begins", z.Name, h.Name)
		f.wantf(first == next, "zone %s: half-term %s begins in %s: half-terms must follow one another and leave no listed week out", z.Name, h.Name, h.First)
		next = final + 1
	}
	f.wantf(len(z.HalfTerms) == 0 || next == len(z.Weeks), "zone %s: the weeks after the last half-term belong to none", z.Name)
}

// validateEqual holds the zones to one N: the noise is planned for the longest
// list, and a zone with a shorter one would pay for windows it does not have.
func (p *Policy) validateEqual(f *faults) {
	for i, z := range p.Calendar.Zones {
		first := p.Calendar.Zones[0]
		if i == 0 {
			continue
		}
		f.wantf(len(z.Weeks) == len(first.Weeks), "zone %s lists %d weeks and zone %s %d: every zone needs as many",
			z.Name, len(z.Weeks), first.Name, len(first.Weeks))
		same := len(z.HalfTerms) == len(first.HalfTerms)
		for j := 0; same && j < len(z.HalfTerms); j++ {
			same = z.HalfTerms[j].Name == first.HalfTerms[j].Name
		}
		f.wantf(same, "zone %s: its half-terms are not named as those of zone %s", z.Name, first.Name)
	}
}

// validateWeekNumbers holds release names apart: 2026-2027-w36 must be one week.
func (p *Policy) validateWeekNumbers(f *faults) {
	byNumber := make(map[string]string)
	for _, z := range p.Calendar.Zones {
		for _, w := range z.Weeks {
			if len(w) != len("2026-W36") {
				continue
			}
			number := w[len(w)-2:]
			if other, ok := byNumber[number]; ok && other != w {
				f.addf("calendar: %s and %s would have the same release name", other, w)
			}
			byNumber[number] = w
		}
	}
}

// CheckRegistry reports, all at once, the zones of the registry's departments
// that the calendar does not list: overseas academies each have their own
// calendar, and their pupils would never be in session. A policy and a registry
// MUST pass it together before a year begins.
func (p *Policy) CheckRegistry(reg *registry.Registry) error {
	listed := make(map[string]bool)
	for _, z := range p.Calendar.Zones {
		listed[z.Name] = true
	}
	var f faults
	missing := make(map[string][]string)
	var order []string
	for _, d := range reg.Departments {
		if !listed[d.Zone] {
			if missing[d.Zone] == nil {
				order = append(order, d.Zone)
			}
			missing[d.Zone] = append(missing[d.Zone], d.Code)
		}
	}
	for _, zone := range order {
		f.addf("calendar: no list of weeks for zone %q (departments %v): add it to the policy", zone, missing[zone])
	}
	return errors.Join(f...)
}
