package cohort

import (
	"encoding/binary"
	"testing"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"brume/anonymize/exact"
	"brume/anonymize/pseudonym"
	"brume/schemas/control"
	"brume/schemas/policy"
	"brume/schemas/registry"
)

// fullFamilies is the plan of the design, every cadence, dimension and measure;
// a policy that is not worth its noise in a small test is forced.
func fullFamilies() []policy.Family {
	f := func(name string, c policy.Cadence, a policy.Area, m policy.Measure, cells int, bound int64, share float64, by ...policy.Dimension) policy.Family {
		return policy.Family{Name: name, Cadence: c, Area: a, By: by, Measure: m, Cells: cells, Cap: bound, Share: share, Force: true}
	}
	const week, half, stream = policy.Weekly, policy.Periodic, policy.YearStream
	const school, department = policy.BySchool, policy.ByDepartment
	const level, subject, tool = policy.Level, policy.Subject, policy.Tool
	return []policy.Family{
		f("d_active_level", week, department, policy.Active, 1, 1, 0.006, level),
		f("d_active_level_subject", week, department, policy.Active, 4, 1, 0.024, level, subject),
		f("d_active_tool", week, department, policy.Active, 3, 1, 0.018, tool),
		f("d_outcomes_subject", week, department, policy.Outcomes, 4, 10, 0.006, subject),
		f("d_minutes_subject", week, department, policy.Minutes, 4, 120, 0.006, subject),
		f("d_scores_subject", week, department, policy.Scores, 4, 1000, 0.03, subject),
		f("s_active", week, school, policy.Active, 1, 1, 0.36),
		f("s_half_active_level", half, school, policy.Active, 1, 1, 0.1, level),
		f("s_half_active_subject", half, school, policy.Active, 4, 1, 0.14, subject),
		f("s_half_outcomes", half, school, policy.Outcomes, 1, 40, 0.08),
		f("s_half_minutes", half, school, policy.Minutes, 1, 600, 0.06),
		f("s_half_scores", half, school, policy.Scores, 1, 1000, 0.12),
		f("s_ever_active", stream, school, policy.Active, 1, 1, 0.05),
	}
}

// fullYear is the whole plan over a short year of three zones whose weeks are
// staggered: nine weeks, of which each zone lists six, in two half-terms.
func fullYear(t testing.TB) *Year {
	t.Helper()
	zone := func(name string, weeks ...string) policy.Zone {
		return policy.Zone{Name: name, Weeks: weeks, HalfTerms: []policy.HalfTerm{
			{Name: "P1", First: weeks[0], Last: weeks[2]}, {Name: "P2", First: weeks[3], Last: weeks[5]},
		}}
	}
	p := defaultPolicy(t)
	p.Families = append(fullFamilies(), // what the plan does not have but could
		policy.Family{Name: "s_active_level_tool", Cadence: policy.Weekly, Area: policy.BySchool, By: []policy.Dimension{policy.Tool, policy.Level}, Measure: policy.Active, Cells: 2, Cap: 1, Share: 0.01, Force: true},
		policy.Family{Name: "d_half_outcomes_subject", Cadence: policy.Periodic, Area: policy.ByDepartment, By: []policy.Dimension{policy.Subject}, Measure: policy.Outcomes, Cells: 2, Cap: 7, Share: 0.01, Force: true},
		policy.Family{Name: "d_half_active_subject", Cadence: policy.Periodic, Area: policy.ByDepartment, By: []policy.Dimension{policy.Subject}, Measure: policy.Active, Cells: 2, Cap: 1, Share: 0.01, Force: true},
		policy.Family{Name: "d_ever_active", Cadence: policy.YearStream, Area: policy.ByDepartment, Measure: policy.Active, Cells: 1, Cap: 1, Share: 0.01, Force: true})
	for i := range p.Families {
		p.Families[i].Share *= 0.9
	}
	p.Calendar.Zones = []policy.Zone{
		zone("A", "2026-W36", "2026-W37", "2026-W38", "2026-W41", "2026-W42", "2026-W43"),
		zone("B", "2026-W36", "2026-W37", "2026-W39", "2026-W40", "2026-W42", "2026-W43"),
		zone("C", "2026-W37", "2026-W38", "2026-W39", "2026-W41", "2026-W42", "2026-W44"),
	}
	return newYearOf(t, p, smallRegistry())
}

// smallRegistry has schools of three zones, two in one department, and IDs
// with gaps.
func smallRegistry() *registry.Registry {
	r := &registry.Registry{
		Schools: []registry.School{
			{UAI: 130001, Department: "13"}, {UAI: 690001, Department: "69"}, {UAI: 690002, Department: "69"}, {UAI: 750001, Department: "75"},
		},
		Departments: []registry.Department{{Code: "13", Zone: "B"}, {Code: "69", Zone: "A"}, {Code: "75", Zone: "C"}},
		Levels:      []registry.Term{{ID: 1, Code: "6e"}, {ID: 3, Code: "4e"}, {ID: 4, Code: "3e"}},
		Tools:       []registry.Tool{{ID: 1, Code: "calcul"}, {ID: 2, Code: "video"}, {ID: 7, Code: "quiz"}, {ID: 300, Code: "lecture"}},
	}
	for i, code := range []string{"maths", "francais", "svt", "arts", "anglais", "latin"} {
		r.Subjects = append(r.Subjects, registry.Term{ID: uint8(2 * (i + 1)), Code: code})
	}
	return r
}

func defaultPolicy(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Default("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	p.Families = p.Families[:3] // by week: half-terms and streams have tests of their own
	return p
}

// newYearOf prepares a year under a new key.
func newYearOf(t testing.TB, p *policy.Policy, reg *registry.Registry) *Year {
	t.Helper()
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	handle, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	key, err := pseudonym.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	y, err := NewYear(plan, reg, key)
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// closingOf is the CLOSE of a window of a cadence.
func closingOf(y *Year, cadence, index int) control.Record {
	w := y.cadences[cadence].windows[index]
	return control.Record{Kind: control.Close, Year: y.Name, Cadence: string(w.Cadence), Window: w.Label, Index: index}
}

// peek returns every sum.
func peek(t testing.TB, v *exact.Vector) []int64 {
	b, err := v.Seal(glass{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, n := binary.Uvarint(b)
	sums, cell := make([]int64, v.Len()), -1
	for b = b[n:]; len(b) > 0; {
		gap, g := binary.Uvarint(b)
		sum, s := binary.Varint(b[g:])
		cell += int(gap)
		sums[cell] = sum
		b = b[g+s:]
	}
	return sums
}
