package policy

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"brume/schemas/registry"
)

func (p *Policy) validateCalendar(f review) {
	loc, err := time.LoadLocation(p.Timezone)
	if err != nil || p.Timezone == "" || p.Timezone == "Local" {
		f.addf("timezone: %q is unknown", p.Timezone)
		loc = time.UTC
	}
	start, end, err := yearBounds(p.SchoolYear, loc)
	if err != nil {
		f.addf("school_year: %w", err)
		return
	}
	f.wantf(len(p.Calendar.Zones) > 0, "calendar: no zones")
	names := make(map[string]bool)
	for i, z := range p.Calendar.Zones {
		f := f.in("", "calendar", "zones", i)
		f.wantf(z.Name != "" && z.Name != registry.Other, "name: %q is reserved or empty: a zone needs another", z.Name)
		f.wantf(!names[z.Name], "zone %s appears twice", z.Name)
		names[z.Name] = true
		z.validate(f.in("zone "+z.Name+": "), start, end)
	}
	f.in("calendar: ", "calendar").wantf(names[p.Calendar.OtherZone], "other_zone: %q is not a zone of the calendar", p.Calendar.OtherZone)
	p.validateEqual(f.in("", "calendar", "zones"))
	p.validateWeekNumbers(f.in("", "calendar"))
	p.validateFrom(f)
}

// validateFrom requires that a policy which replaces another begins with a
// listed week that is not the year's first.
func (p *Policy) validateFrom(f review) {
	if p.From == "" {
		return
	}
	listed, later := false, false
	for _, z := range p.Calendar.Zones {
		listed = listed || slices.Contains(z.Weeks, p.From)
		later = later || len(z.Weeks) > 0 && z.Weeks[0] < p.From
	}
	f.wantf(listed && later, "from: %q is not a listed week after the year's first", p.From)
}

// validate checks one zone: weeks that exist, ascend and overlap the school
// year; half-terms that follow one another and leave no listed week out.
func (z Zone) validate(f review, start, end time.Time) {
	f.wantf(len(z.Weeks) > 0, "weeks: no weeks")
	position := make(map[string]int, len(z.Weeks))
	var last time.Time
	for i, w := range z.Weeks {
		f := f.in("", "weeks", i)
		monday, err := weekStart(w, start.Location())
		if err != nil {
			f.addf("%w", err)
			continue
		}
		f.wantf(monday.AddDate(0, 0, 7).After(start) && monday.Before(end),
			"%s is outside the school year", w)
		f.wantf(monday.After(last), "%s does not come after the week before it in the list", w)
		last = monday
		position[w] = i
	}
	next := 0
	names := make(map[string]bool)
	for i, h := range z.HalfTerms {
		f := f.in("", "half_terms", i)
		f.wantf(validName(h.Name, true), "half-term name %q must match [A-Za-z0-9_]+", h.Name)
		f.wantf(!weekLike(h.Name), "half-term name %q is that of a week in releases", h.Name)
		f.wantf(!names[strings.ToLower(h.Name)], "half-term %s appears twice", h.Name)
		names[strings.ToLower(h.Name)] = true
		first, ok1 := position[h.First]
		final, ok2 := position[h.Last]
		if !ok1 || !ok2 {
			f.addf("half-term %s: first %q and last %q must be listed weeks", h.Name, h.First, h.Last)
			continue
		}
		f.wantf(first <= final, "half-term %s ends before it begins", h.Name)
		f.wantf(first == next, "half-term %s begins in %s: half-terms must follow one another and leave no listed week out", h.Name, h.First)
		next = final + 1
	}
	f.wantf(len(z.HalfTerms) == 0 || next == len(z.Weeks), "the weeks after the last half-term belong to none")
}

// weekLike says whether the release of a half-term of this name would be called
// as that of a week: ReleaseID writes all names in lower case. Names of streams
// hold a hyphen, which validName refuses.
func weekLike(name string) bool {
	number, ok := strings.CutPrefix(strings.ToLower(name), "w")
	_, err := strconv.ParseUint(number, 10, 64)
	return ok && err == nil
}

// validateEqual holds the zones to one N: the noise is planned for the longest
// list, and a zone with a shorter one would pay for windows it does not have.
func (p *Policy) validateEqual(f review) {
	for i, z := range p.Calendar.Zones {
		first := p.Calendar.Zones[0]
		if i == 0 {
			continue
		}
		f := f.in("", i)
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
func (p *Policy) validateWeekNumbers(f review) {
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
