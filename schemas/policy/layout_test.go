package policy

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"brume/schemas/registry"
	"brume/schemas/release"
)

// smallRegistry has three zones, one school in a department that the registry
// does not hold, and IDs with gaps.
func smallRegistry() *registry.Registry {
	return &registry.Registry{
		Schools: []registry.School{
			{UAI: 130001, Department: "13"}, {UAI: 130002, Department: "99"}, {UAI: 690001, Department: "69"}, {UAI: 750001, Department: "75"},
		},
		Departments: []registry.Department{{Code: "13", Zone: "B"}, {Code: "69", Zone: "A"}, {Code: "75", Zone: "C"}},
		Levels:      []registry.Term{{ID: 1, Code: "6e"}, {ID: 3, Code: "4e"}},
		Subjects:    []registry.Term{{ID: 2, Code: "maths"}},
		Tools:       []registry.Tool{{ID: 7, Code: "calcul"}, {ID: 300, Code: "lecture"}},
	}
}

func window(t testing.TB, p *Policy, label string) Window {
	t.Helper()
	for _, w := range p.Windows(Weekly) {
		if w.Label == label {
			return w
		}
	}
	t.Fatalf("no window %s", label)
	return Window{}
}

// TestCellsInOrder spells out a week in which zone C alone is on holiday.
func TestCellsInOrder(t *testing.T) {
	plan, err := weeklyPolicy(t).Plan()
	if err != nil {
		t.Fatal(err)
	}
	reg := smallRegistry()
	var got []string
	for _, c := range plan.Cells(reg, window(t, plan.Policy, "2027-W06")) {
		got = append(got, fmt.Sprintf("%.10s|%s|%s|%s|%s|%s", c.Family, c.Area, c.Level, c.Subject, c.Tool, c.Measure))
		if f, _ := plan.Family(c.Family); c.Value != 0 || c.Sigma != f.Sigma || c.Sigma == 0 {
			t.Errorf("%+v: value and σ", c)
		}
	}
	var want []string
	for _, a := range []string{registry.UAI(130001).String(), registry.UAI(130002).String(), registry.UAI(690001).String(), "other"} {
		want = append(want, "school_wee|"+a+"||||active")
	}
	for _, a := range []string{"13", "69", "other"} {
		for _, l := range []string{"6e", "4e", "other"} {
			want = append(want, "department|"+a+"|"+l+"|||active")
		}
	}
	for _, a := range []string{"13", "69", "other"} {
		for _, s := range []string{"maths", "other"} {
			want = append(want, "department|"+a+"||"+s+"||successes", "department|"+a+"||"+s+"||failures")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want, +got)\n%s", diff)
	}
}

// TestOtherFollowsItsZone: when other_zone (A) is on holiday, so is Other.
func TestOtherFollowsItsZone(t *testing.T) {
	plan, err := weeklyPolicy(t).Plan()
	if err != nil {
		t.Fatal(err)
	}
	cells := plan.Cells(smallRegistry(), window(t, plan.Policy, "2027-W07")) // B only
	for _, c := range cells {
		if c.Area != "13" && c.Area != registry.UAI(130001).String() {
			t.Errorf("%+v is not in session", c)
		}
	}
	if want := 1 + 3 + 4; len(cells) != want {
		t.Errorf("%d cells, want %d", len(cells), want)
	}
	if n := plan.Layout(smallRegistry(), Window{Cadence: Weekly, Label: "2027-W50", Index: 3}).Len(); n != 0 {
		t.Errorf("a window of another year has %d cells", n)
	}
}

// TestIndexIsTheInverse: for every cell of every family, over all dimensions,
// Index gives its position; unknown IDs give Other's.
func TestIndexIsTheInverse(t *testing.T) {
	p := weeklyPolicy(t)
	p.Families = append(p.Families,
		Family{Name: "cube", Cadence: Weekly, Area: BySchool, By: []Dimension{Tool, Level, Subject}, Measure: Scores, Cells: 2, Cap: 10, Share: 0.1, Force: true},
		Family{Name: "period", Cadence: Periodic, Area: BySchool, Measure: Active, Cells: 1, Cap: 1, Share: 0.1, Force: true})
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	reg := smallRegistry()
	w := window(t, p, "2026-W40")
	l := plan.Layout(reg, w)
	cells := l.Cells()
	hit := make([]int, len(cells))
	for fi, f := range plan.Families {
		areas := map[Area]int{BySchool: len(reg.Schools), ByDepartment: len(reg.Departments)}[f.Area]
		from, to := l.Range(fi)
		for a := -1; a < areas; a++ {
			for level := range 5 {
				for subject := range 4 {
					for _, tool := range []uint16{0, 7, 8, 300, 301, 65535} {
						for m := range f.Measure.Values() {
							i, ok := l.Index(fi, a, uint8(level), uint8(subject), tool, m)
							if ok != (f.Cadence == Weekly) {
								t.Fatalf("%s: Index is %v", f.Name, ok)
							}
							if !ok {
								continue
							}
							if i < from || i >= to {
								t.Fatalf("%s: %d is outside [%d, %d)", f.Name, i, from, to)
							}
							hit[i]++
							want := expected(f, reg, a, uint8(level), uint8(subject), tool, m)
							if diff := cmp.Diff(want, cells[i]); diff != "" {
								t.Fatalf("(-want, +got)\n%s", diff)
							}
						}
					}
				}
			}
		}
	}
	for i, n := range hit {
		if n == 0 {
			t.Errorf("no index gives %+v", cells[i])
		}
	}
	cells[0].Value = 5
	if l.Cells()[0].Value != 0 {
		t.Error("Cells is not a fresh copy")
	}
}

func expected(f FamilyPlan, reg *registry.Registry, a int, level, subject uint8, tool uint16, m int) release.Cell {
	c := release.Cell{Family: f.Name, Area: registry.Other, Measure: f.Measure.Values()[m], Sigma: f.Sigma}
	if a >= 0 && f.Area == BySchool {
		c.Area = reg.Schools[a].UAI.String()
	} else if a >= 0 {
		c.Area = reg.Departments[a].Code
	}
	for _, d := range f.By {
		switch d {
		case Level:
			c.Level = reg.LevelCode(level)
		case Subject:
			c.Subject = reg.SubjectCode(subject)
		case Tool:
			c.Tool = reg.ToolCode(tool)
		}
	}
	return c
}

// TestIndexNeverPanics: nothing that an event may hold can name a cell outside.
func TestIndexNeverPanics(t *testing.T) {
	plan, err := weeklyPolicy(t).Plan()
	if err != nil {
		t.Fatal(err)
	}
	l := plan.Layout(smallRegistry(), window(t, plan.Policy, "2027-W06"))
	rapid.Check(t, func(t *rapid.T) {
		i, ok := l.Index(rapid.IntRange(-2, 5).Draw(t, "family"), rapid.IntRange(-3, 9).Draw(t, "area"),
			rapid.Uint8().Draw(t, "level"), rapid.Uint8().Draw(t, "subject"), rapid.Uint16().Draw(t, "tool"), rapid.IntRange(-1, 3).Draw(t, "measure"))
		if ok && (i < 0 || i >= l.Len()) {
			t.Fatalf("index %d of %d", i, l.Len())
		}
	})
	if _, ok := l.Index(0, 3, 0, 0, 0, 0); ok { // 075 is in zone C, on holiday
		t.Error("a school on holiday has a cell")
	}
}

func BenchmarkIndex(b *testing.B) {
	plan, err := mustDefault(b, "2026-2027").Plan()
	if err != nil {
		b.Fatal(err)
	}
	l := plan.Layout(smallRegistry(), window(b, plan.Policy, "2026-W40"))
	for b.Loop() {
		l.Index(2, 1, 3, 2, 300, 1)
	}
}
