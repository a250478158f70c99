package registry

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// The kinds and sectors a school may have.
const (
	College = "college"
	Lycee   = "lycee"
	Public  = "public"
	Private = "prive"
)

// Validate reports every fault of the registry at once.
func (r *Registry) Validate() error {
	var f faults
	departments := make(map[string]bool, len(r.Departments))
	sorted(&f, "departments", r.Departments, func(d Department) string { return d.Code })
	for _, d := range r.Departments {
		departments[d.Code] = true
		f.wantf(d.Code != "" && d.Code != Other, "department %q: code is empty or reserved", d.Code)
		f.wantf(d.Name != "" && d.Academy != "" && d.Zone != "", "department %q: name, academy and zone are required", d.Code)
	}
	sorted(&f, "schools", r.Schools, func(s School) UAI { return s.UAI })
	for _, s := range r.Schools {
		f.school(s, departments)
	}
	f.terms("levels", r.Levels)
	f.terms("subjects", r.Subjects)
	f.tools(r.Tools)
	return errors.Join(f...)
}

type faults []error

func (f *faults) wantf(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

// sorted reports keys that are out of order or repeated.
func sorted[T any, K cmp.Ordered](f *faults, what string, list []T, key func(T) K) {
	for i := 1; i < len(list); i++ {
		a, b := key(list[i-1]), key(list[i])
		f.wantf(a < b, "%s: %v follows %v: want ascending and unique", what, b, a)
	}
}

func (f *faults) school(s School, departments map[string]bool) {
	f.wantf(s.UAI > 0 && s.UAI < 10_000_000, "school %d: UAI out of range", uint32(s.UAI))
	f.wantf(s.Name != "", "school %v: no name", s.UAI)
	f.wantf(s.Kind == College || s.Kind == Lycee, "school %v: kind %q", s.UAI, s.Kind)
	f.wantf(s.Sector == Public || s.Sector == Private, "school %v: sector %q", s.UAI, s.Sector)
	f.wantf(departments[s.Department], "school %v: unknown department %q", s.UAI, s.Department)
	f.wantf(s.Enrolment >= 0, "school %v: enrolment %d", s.UAI, s.Enrolment)
	if !s.HasIPS {
		f.wantf(s.IPS == 0, "school %v: social index %v without HasIPS", s.UAI, s.IPS)
		return
	}
	f.wantf(!math.IsNaN(s.IPS) && s.IPS >= 20 && s.IPS <= 250, "school %v: social index %v out of range", s.UAI, s.IPS)
}

func (f *faults) terms(what string, terms []Term) {
	sorted(f, what, terms, func(t Term) uint8 { return t.ID })
	seen := map[string]bool{}
	for _, t := range terms {
		f.wantf(t.ID != 0, "%s: %q has ID 0, which is %s", what, t.Code, Other)
		f.wantf(t.Code != "" && t.Code != Other, "%s: ID %d: code %q is empty or reserved", what, t.ID, t.Code)
		f.wantf(!seen[t.Code], "%s: code %q twice", what, t.Code)
		f.wantf(t.French != "" && t.English != "", "%s: %q: French and English labels are required", what, t.Code)
		seen[t.Code] = true
	}
}

func (f *faults) tools(tools []Tool) {
	sorted(f, "tools", tools, func(t Tool) uint16 { return t.ID })
	codes, prefixes := map[string]bool{}, map[string]string{}
	for _, t := range tools {
		f.wantf(t.ID != 0, "tools: %q has ID 0, which is %s", t.Code, Other)
		f.wantf(t.Code != "" && t.Code != Other, "tools: ID %d: code %q is empty or reserved", t.ID, t.Code)
		f.wantf(!codes[t.Code], "tools: code %q twice", t.Code)
		f.wantf(t.Name != "", "tools: %q: no name", t.Code)
		f.wantf(len(t.Prefixes) > 0 && !slices.Contains(t.Prefixes, ""), "tools: %q: want activity-id prefixes, none empty", t.Code)
		for _, p := range t.Prefixes {
			key := t.Publisher + "\x00" + p
			f.wantf(prefixes[key] == "", "tools: prefix %q belongs to %q and %q", p, prefixes[key], t.Code)
			prefixes[key] = t.Code
		}
		codes[t.Code] = true
	}
}
