package aggregate

import (
	"cmp"
	"errors"
	"fmt"
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
// over their dimensions, and sums over academies and the nation. It is a pure
// function of its arguments, in a fixed order.
func Estimates(areas *Areas, r release.Release) ([]Estimate, error) {
	kinds, err := familyKinds(areas, r)
	if err != nil {
		return nil, err
	}
	figures, fromSchools, fromDimensions := figures{}, figures{}, figures{}
	for _, c := range r.Cells {
		key := Key{kinds[c.Family], c.Area, c.Level, c.Subject, c.Tool, c.Measure}
		value, variance := float64(c.Value), c.Sigma*c.Sigma
		if c.Area == registry.Other {
			key.Kind = kindOther
		}
		isTotal := key == key.total()
		if kinds[c.Family] == kindSchool && isTotal && c.Measure == "active" {
			up := key
			if c.Area != registry.Other {
				up.Kind, up.Area = kindDepartment, areas.school[c.Area].Department
			}
			fromSchools.add(up, value, variance, summed)
		}
		if kinds[c.Family] == kindSchool && c.Area == registry.Other {
			continue // unknown schools are one area, counted with the departments
		}
		figures.add(key, value, variance, direct)
		if kinds[c.Family] == kindDepartment && !isTotal && additive(key) {
			fromDimensions.add(key.total(), value, variance, summed)
		}
	}
	figures.addTotals(fromSchools, fromDimensions)
	figures.addSums(areas)
	return figures.list(areas), nil
}

// additive reports whether cells of this shape add up to a total: attempts
// always do; pupils only by level, since a pupil has one level in a window but
// several subjects and tools.
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

// addTotals gives each department its totals. Where schools and levels both
// add up to the same count, the two sums have independent noise and are
// combined with weights 1/variance, which is the best unbiased estimate.
func (f figures) addTotals(fromSchools, fromDimensions figures) {
	for key, a := range fromSchools {
		b, both := fromDimensions[key]
		if !both {
			f[key] = a
			continue
		}
		weight := 1/a.Variance + 1/b.Variance
		f[key] = &Estimate{
			Key:      key,
			Value:    (a.Value/a.Variance + b.Value/b.Variance) / weight,
			Variance: 1 / weight,
			Method:   combined,
		}
	}
	for key, b := range fromDimensions {
		if f[key] == nil {
			f[key] = b
		}
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
