package aggregate

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"brume/schemas/registry"
	"brume/schemas/release"
)

// Area kinds, as published.areas and published.estimates write them.
const (
	kindSchool     = "school"
	kindDepartment = "department"
	kindAcademy    = "academy"
	kindNation     = "nation"
	kindOther      = "other"
)

// NationCode is the code of the whole country in published.areas.
const NationCode = "france"

// ErrArea says that a release names an area outside the registry.
var ErrArea = errors.New("area is not in the registry")

// How an estimate was made.
const (
	direct   = "direct"   // one released cell
	summed   = "sum"      // sum of cells with independent noise
	combined = "combined" // two unbiased estimates weighted by inverse variance
)

// Estimate is one figure with the variance of its noise.
type Estimate struct {
	Key
	Value, Variance float64
	Method          string
	Parts, PartsOf  uint16 // departments in session covered, departments in the area
	Enrolment       uint32 // pupils enrolled in what is covered; public
}

// Key names an estimate within a release. Empty dimensions mean all.
type Key struct{ Kind, Area, Level, Subject, Tool, Measure string }

func (k Key) total() Key { k.Level, k.Subject, k.Tool = "", "", ""; return k }

func (k Key) compare(o Key) int {
	return cmp.Or(cmp.Compare(k.Kind, o.Kind), cmp.Compare(k.Area, o.Area), cmp.Compare(k.Level, o.Level),
		cmp.Compare(k.Subject, o.Subject), cmp.Compare(k.Tool, o.Tool), cmp.Compare(k.Measure, o.Measure))
}

// Estimates computes every figure of a release: the cells themselves, totals
// over their dimensions, and sums over departments, academies and the nation.
// It is a pure function of its arguments, in a fixed order.
func Estimates(areas *Areas, r release.Release) ([]Estimate, error) {
	kinds, err := familyKinds(areas, r)
	if err != nil {
		return nil, err
	}
	families := map[string]figures{}
	for _, c := range r.Cells {
		kind, family := kinds[c.Family], families[c.Family]
		if family == nil {
			family = figures{}
			families[c.Family] = family
		}
		if c.Area == registry.Other {
			kind = kindOther
		}
		family.add(Key{kind, c.Area, c.Level, c.Subject, c.Tool, c.Measure}, float64(c.Value), c.Sigma*c.Sigma, direct)
	}
	all := figures{}
	for _, name := range slices.Sorted(maps.Keys(families)) {
		family := families[name]
		family.addTotals()
		if kinds[name] == kindSchool {
			family.addDepartments(areas)
		}
		all.merge(family)
	}
	all.addSums(areas)
	return all.list(areas), nil
}

// additive reports whether cells of this shape add up to a total: attempts,
// minutes and masses of scores always do; pupils only by level, since a pupil
// has one level in a window but several subjects and tools.
func additive(k Key) bool {
	return k.Measure != "active" || (k.Subject == "" && k.Tool == "")
}

// familyKinds tells school families from department families by their areas.
func familyKinds(areas *Areas, r release.Release) (map[string]string, error) {
	kinds := map[string]string{}
	for _, c := range r.Cells {
		kind := kindOther
		if _, ok := areas.school[c.Area]; ok {
			kind = kindSchool
		} else if _, ok := areas.department[c.Area]; ok {
			kind = kindDepartment
		} else if c.Area != registry.Other {
			return nil, fmt.Errorf("release %s, family %s, area %q: %w", r.ID, c.Family, c.Area, ErrArea)
		}
		switch known := kinds[c.Family]; {
		case known == "" || known == kindOther:
			kinds[c.Family] = kind
		case kind != kindOther && kind != known:
			return nil, fmt.Errorf("release %s, family %s mixes schools and departments", r.ID, c.Family)
		}
	}
	return kinds, nil
}

type figures map[Key]*Estimate

func (f figures) add(k Key, value, variance float64, method string) {
	e := f[k]
	if e == nil {
		e = &Estimate{Key: k, Method: method}
		f[k] = e
	} else {
		e.Method = summed
	}
	e.Value += value
	e.Variance += variance
}

func (f figures) sorted() []*Estimate {
	list := make([]*Estimate, 0, len(f))
	for _, e := range f {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b *Estimate) int { return a.compare(b.Key) })
	return list
}

// addTotals sums a family's cells over its dimensions. Unknown schools are one
// area, counted with the departments.
func (f figures) addTotals() {
	for _, e := range f.sorted() {
		if total := e.total(); total != e.Key && additive(e.Key) {
			f.add(total, e.Value, e.Variance, summed)
		}
	}
}

// addDepartments sums a family's schools up to their departments.
func (f figures) addDepartments(areas *Areas) {
	for _, e := range f.sorted() {
		if e.Kind == kindSchool {
			up := e.Key
			up.Kind, up.Area = kindDepartment, areas.school[e.Area].Department
			f.add(up, e.Value, e.Variance, summed)
		}
	}
}

// merge adds another family's figures. Where both know the number of active
// pupils of one area, their noise is independent and caps and windows are the
// same: they are combined with weights 1/variance, which is the best unbiased
// estimate. Other measures may have been clipped to different caps: there the
// less noisy figure stands.
func (f figures) merge(family figures) {
	for key, e := range family {
		known := f[key]
		switch {
		case known == nil:
			f[key] = e
		case key == key.total() && key.Measure == "active":
			f[key] = known.combine(e)
		case e.Variance < known.Variance:
			f[key] = e
		}
	}
}

func (e *Estimate) combine(o *Estimate) *Estimate {
	weight := 1/e.Variance + 1/o.Variance
	return &Estimate{
		Key:      e.Key,
		Value:    (e.Value/e.Variance + o.Value/o.Variance) / weight,
		Variance: 1 / weight,
		Method:   combined,
	}
}

// addSums adds departments up to academies and the nation, in a fixed order so
// that floating point gives the same bytes each time.
func (f figures) addSums(areas *Areas) {
	for _, e := range f.sorted() {
		if e.Kind != kindDepartment && e.Kind != kindOther {
			continue
		}
		nation := e.Key
		nation.Kind, nation.Area = kindNation, NationCode
		f.add(nation, e.Value, e.Variance, summed)
		if e.Kind == kindOther {
			continue
		}
		f[nation].cover(1, areas.enrolment[e.Area])
		academy := e.Key
		academy.Kind, academy.Area = kindAcademy, areas.academyOf[e.Area]
		f.add(academy, e.Value, e.Variance, summed)
		f[academy].cover(1, areas.enrolment[e.Area])
	}
}

func (e *Estimate) cover(parts uint16, enrolment uint32) {
	e.Parts += parts
	e.Enrolment += enrolment
}

func (f figures) list(areas *Areas) []Estimate {
	list := make([]Estimate, 0, len(f))
	for _, e := range f.sorted() {
		switch e.Kind {
		case kindSchool, kindDepartment:
			e.Parts, e.PartsOf, e.Enrolment = 1, 1, areas.enrolment[e.Area]
		case kindAcademy, kindNation:
			e.PartsOf = areas.departments[e.Area]
		}
		list = append(list, *e)
	}
	return list
}
