package aggregate

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brume/schemas/registry"
	"brume/schemas/release"
)

// smallRegistry has two departments in one academy, one in another.
func smallRegistry() *registry.Registry {
	return &registry.Registry{
		Departments: []registry.Department{
			{Code: "13", Name: "Bouches-du-Rhône", Academy: "Aix-Marseille", Zone: "B"},
			{Code: "84", Name: "Vaucluse", Academy: "Aix-Marseille", Zone: "B"},
			{Code: "87", Name: "Haute-Vienne", Academy: "Limoges", Zone: "A"},
		},
		Schools: []registry.School{
			{UAI: 139001, Department: "13", Enrolment: 400},
			{UAI: 139002, Department: "13", Enrolment: 300},
			{UAI: 849001, Department: "84", Enrolment: 200},
			{UAI: 879001, Department: "87", Enrolment: 100},
		},
		Levels:   []registry.Term{{ID: 1, Code: "6e", French: "6e", English: "Year 7"}},
		Subjects: []registry.Term{{ID: 1, Code: "mathematiques", French: "Mathématiques", English: "Mathematics"}},
	}
}

func uai(n registry.UAI) string { return n.String() }

func smallRelease() release.Release {
	school := func(area string, value int64) release.Cell {
		return release.Cell{Family: "s", Area: area, Measure: "active", Value: value, Sigma: 3}
	}
	level := func(area, level string, value int64) release.Cell {
		return release.Cell{Family: "l", Area: area, Level: level, Measure: "active", Value: value, Sigma: 6}
	}
	outcome := func(area, measure string, value int64) release.Cell {
		return release.Cell{Family: "o", Area: area, Subject: "mathematiques", Measure: measure, Value: value, Sigma: 10}
	}
	return release.Release{
		ID: "2026-2027-w38", SchoolYear: "2026-2027", Cadence: "week", Window: "2026-W38",
		Start: "2026-09-14", End: "2026-09-20", Epsilon: 4, Delta: 1e-9,
		Cells: []release.Cell{
			school(uai(139001), 100), school(uai(139002), 50), school(uai(849001), 40), school(registry.Other, 5),
			level("13", "6e", 120), level("13", registry.Other, 60),
			level("84", "6e", 30), level("84", registry.Other, 0),
			level(registry.Other, "6e", -4), level(registry.Other, registry.Other, 9),
			outcome("13", "successes", 700), outcome("13", "failures", 300),
			outcome("84", "successes", 70), outcome("84", "failures", 30),
			outcome(registry.Other, "successes", 0), outcome(registry.Other, "failures", -8),
		},
	}
}

func find(t *testing.T, list []Estimate, key Key) Estimate {
	t.Helper()
	for _, e := range list {
		if e.Key == key {
			return e
		}
	}
	t.Fatalf("no estimate %+v", key)
	return Estimate{}
}

// TestEstimates compares with sums done by hand. Department 13 has two sums of
// its pupils: schools 150 with variance 2·9 = 18, levels 180 with variance
// 2·36 = 72; weights 1/18 and 1/72 give (150·4 + 180)/5 = 156 and 72/5 = 14.4.
// Department 84: 40 with 9, 30 with 72: (40·8 + 30)/9 = 350/9, 72/9 = 8.
// Other: 5 with 9, 5 with 72: 5, 8.
func TestEstimates(t *testing.T) {
	list, err := Estimates(NewAreas(smallRegistry()), smallRelease())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []Estimate{
		{Key{"school", uai(139001), "", "", "", "active"}, 100, 9, "direct", 1, 1, 400},
		{Key{"department", "13", "6e", "", "", "active"}, 120, 36, "direct", 1, 1, 700},
		{Key{"department", "13", "", "", "", "active"}, 156, 14.4, "combined", 1, 1, 700},
		{Key{"department", "84", "", "", "", "active"}, 350. / 9, 8, "combined", 1, 1, 200},
		{Key{"other", "other", "", "", "", "active"}, 5, 8, "combined", 0, 0, 0},
		{Key{"academy", "ac-aix-marseille", "", "", "", "active"}, 156 + 350./9, 22.4, "sum", 2, 2, 900},
		{Key{"nation", "france", "", "", "", "active"}, 156 + 350./9 + 5, 30.4, "sum", 2, 3, 900},
		{Key{"academy", "ac-aix-marseille", "6e", "", "", "active"}, 150, 72, "sum", 2, 2, 900},
		{Key{"nation", "france", "6e", "", "", "active"}, 146, 108, "sum", 2, 3, 900},
		{Key{"department", "13", "", "", "", "successes"}, 700, 100, "sum", 1, 1, 700},
		{Key{"nation", "france", "", "mathematiques", "", "failures"}, 322, 300, "sum", 2, 3, 900},
		{Key{"nation", "france", "", "", "", "failures"}, 322, 300, "sum", 2, 3, 900},
	} {
		got := find(t, list, want.Key)
		near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
		if diff := cmp.Diff(got, want, near); diff != "" {
			t.Errorf("%+v (-got, +want):\n%s", want.Key, diff)
		}
	}
	for _, e := range list {
		if e.Area == "ac-limoges" || e.Area == "87" {
			t.Errorf("an area on holiday has an estimate: %+v", e)
		}
		if e.Kind == "school" && e.Area == registry.Other {
			t.Errorf("unknown schools are counted as a school: %+v", e)
		}
	}
}

// TestEstimatesOfAHalfTerm has school families only, of several shapes. Pupils
// add up over levels, not over subjects; department 13 is two schools.
func TestEstimatesOfAHalfTerm(t *testing.T) {
	cell := func(family, area, level, subject, measure string, value int64) release.Cell {
		return release.Cell{Family: family, Area: area, Level: level, Subject: subject, Measure: measure, Value: value, Sigma: 2}
	}
	r := release.Release{ID: "2026-2027-p1", Cadence: "period"}
	for _, area := range []string{uai(139001), uai(139002), registry.Other} {
		r.Cells = append(r.Cells,
			cell("levels", area, "6e", "", "active", 10), cell("levels", area, registry.Other, "", "active", 1),
			cell("subjects", area, "", "mathematiques", "active", 7),
			cell("minutes", area, "", "", "minutes", 300), cell("scores", area, "", "", "score_9", 40))
	}
	list, err := Estimates(NewAreas(smallRegistry()), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []Estimate{
		{Key{"school", uai(139001), "", "", "", "active"}, 11, 8, "sum", 1, 1, 400},
		{Key{"school", uai(139002), "", "mathematiques", "", "active"}, 7, 4, "direct", 1, 1, 300},
		{Key{"department", "13", "", "", "", "active"}, 22, 16, "sum", 1, 1, 700},
		{Key{"department", "13", "6e", "", "", "active"}, 20, 8, "sum", 1, 1, 700},
		{Key{"department", "13", "", "", "", "minutes"}, 600, 8, "sum", 1, 1, 700},
		{Key{"nation", "france", "", "", "", "score_9"}, 120, 12, "sum", 1, 3, 700},
		{Key{"nation", "france", "", "mathematiques", "", "active"}, 21, 12, "sum", 1, 3, 700},
	} {
		if diff := cmp.Diff(find(t, list, want.Key), want); diff != "" {
			t.Errorf("%+v (-got, +want):\n%s", want.Key, diff)
		}
	}
}

// TestEstimatesDoNotMixCaps: minutes that two families clipped differently are
// not averaged.
func TestEstimatesDoNotMixCaps(t *testing.T) {
	r := release.Release{ID: "2026-2027-w38", Cells: []release.Cell{
		{Family: "a", Area: "13", Measure: "minutes", Value: 100, Sigma: 3},
		{Family: "b", Area: "13", Measure: "minutes", Value: 200, Sigma: 2},
	}}
	list, err := Estimates(NewAreas(smallRegistry()), r)
	if err != nil {
		t.Fatal(err)
	}
	want := Estimate{Key{"department", "13", "", "", "", "minutes"}, 200, 4, "direct", 1, 1, 700}
	if diff := cmp.Diff(find(t, list, want.Key), want); diff != "" {
		t.Errorf("(-got, +want):\n%s", diff)
	}
}

func TestEstimatesAreAlwaysTheSame(t *testing.T) {
	areas := NewAreas(smallRegistry())
	first, _ := Estimates(areas, smallRelease())
	for range 20 {
		again, _ := Estimates(areas, smallRelease())
		if diff := cmp.Diff(again, first); diff != "" {
			t.Fatalf("(-got, +want):\n%s", diff)
		}
	}
}

func TestEstimatesRefuseUnknownAreas(t *testing.T) {
	r := smallRelease()
	r.Cells[0].Area = "0999999Z"
	if _, err := Estimates(NewAreas(smallRegistry()), r); !errors.Is(err, ErrArea) {
		t.Errorf("got %v, want %v", err, ErrArea)
	}
}

func TestAcademyCode(t *testing.T) {
	for name, want := range map[string]string{
		"Aix-Marseille": "ac-aix-marseille", "Orléans-Tours": "ac-orleans-tours",
		"La Réunion": "ac-la-reunion", "Besançon": "ac-besancon",
	} {
		if got := AcademyCode(name); got != want {
			t.Errorf("AcademyCode(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestISOMonday(t *testing.T) {
	for week, want := range map[string]string{"2026-W36": "2026-08-31", "2026-W53": "2026-12-28", "2027-W01": "2027-01-04"} {
		got, err := isoMonday(week)
		if err != nil || got.Format("2006-01-02") != want {
			t.Errorf("isoMonday(%q) = %v, %v, want %s", week, got, err, want)
		}
	}
	if _, err := isoMonday("P1"); err == nil {
		t.Error("isoMonday accepts a half-term")
	}
}
