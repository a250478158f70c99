package registry

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseUAI(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want UAI
		ok   bool
	}{
		{"0011071J", 11071, true},
		{"0011071j", 11071, true},
		{"0360016X", 360016, true},
		{"0011071K", 0, false},
		{"001107J", 0, false},
		{"00110711", 0, false},
		{"001107 J", 0, false},
		{"0011071*", 0, false}, // '*' is 'j' without two bits
		{"0000000A", 0, false},
		{"", 0, false},
	} {
		got, err := ParseUAI(tc.in)
		if got != tc.want || (err == nil) != tc.ok {
			t.Errorf("ParseUAI(%q) = %d, %v; want %d, ok %v", tc.in, got, err, tc.want, tc.ok)
		}
	}
	if got := UAI(11071).String(); got != "0011071J" {
		t.Errorf("String: got %s", got)
	}
	if got := UAI(0).String(); got != Other {
		t.Errorf("String of zero: got %s", got)
	}
}

func TestDemonstration(t *testing.T) {
	if err := Demonstration(0).Validate(); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 4; n++ {
		r := Demonstration(n)
		pupils, names := map[string]int{}, map[string]bool{}
		for _, s := range r.Schools {
			pupils[s.Department] += s.Enrolment
			names[s.Name] = true
			if got, err := ParseUAI(s.UAI.String()); err != nil || got != s.UAI {
				t.Errorf("%v: %v", s.UAI, err)
			}
		}
		if len(r.Departments) != n || len(r.Schools) != 25*n || len(names) != 25*n {
			t.Errorf("Demonstration(%d): %d departments, %d schools, %d names", n, len(r.Departments), len(r.Schools), len(names))
		}
		for _, code := range DemonstrationDepartments()[:n] {
			if p := pupils[code]; p < 10_000 || p > 13_000 {
				t.Errorf("department %s: %d pupils", code, p)
			}
		}
		if s, ok := r.School(DemonstrationLycee); !ok || s.Kind != Lycee || s.Department != r.Departments[0].Code {
			t.Errorf("Demonstration(%d): first lycée is %+v, %v", n, s, ok)
		}
	}
	two, again, three := Demonstration(2).Hash(), Demonstration(2).Hash(), Demonstration(3).Hash()
	if two != again || two == three {
		t.Error("hash does not follow the content")
	}
}

func TestLookups(t *testing.T) {
	r := Demonstration(4)
	for _, tc := range []struct{ publisher, activity, want string }{
		{"any", "https://calcul.example/exercise/1", "calcul"},
		{"any", "uuid://7d4f3c70", "fun-mooc"},
		{"any", "https://calcul.example.org/", Other},
		{"any", "", Other},
	} {
		if got := r.ToolCode(r.ToolByActivity(tc.publisher, tc.activity)); got != tc.want {
			t.Errorf("%q: got %s, want %s", tc.activity, got, tc.want)
		}
	}
	own := &Registry{Tools: []Tool{{ID: 1, Code: "a", Publisher: "p", Prefixes: []string{"x:"}}, {ID: 2, Code: "b", Publisher: "q", Prefixes: []string{"x:y"}}}}
	if got := own.ToolByActivity("p", "x:y/1"); got != 1 {
		t.Errorf("another publisher's prefix: got tool %d", got)
	}
	if r.LevelCode(r.LevelID("2de")) != "2de" || r.SubjectCode(r.SubjectID("svt")) != "svt" {
		t.Error("terms do not go round")
	}
	if r.LevelID("cm2") != 0 || r.LevelCode(99) != Other || r.SubjectCode(0) != Other {
		t.Error("unknown terms are not other")
	}
	if z := r.ZoneOf(DemonstrationLycee, "?"); z != "B" {
		t.Errorf("zone %s", z)
	}
	if z := r.ZoneOf(1, "C"); z != "C" {
		t.Errorf("zone of an unknown school: %s", z)
	}
	if i, ok := r.SchoolIndex(DemonstrationLycee); !ok || r.Schools[i].UAI != DemonstrationLycee {
		t.Errorf("index %d, %v", i, ok)
	}
}

func TestSaveAndLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "registry")
	want := Demonstration(0)
	if err := want.Save(dir); err != nil {
		t.Fatal(err)
	}
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.Hash() != want.Hash() {
		t.Error("a saved registry loads with another hash")
	}
	if err := os.WriteFile(filepath.Join(dir, "levels.csv"), []byte("id,code,french,english\n900,x,x,x\nzz,y,y,y\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "tools.csv")); err != nil {
		t.Fatal(err)
	}
	_, err = Load(dir)
	for _, want := range []string{"levels.csv:2", "levels.csv:3", "tools.csv"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to name %s", err, want)
		}
	}
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want os.ErrNotExist within", err)
	}
}

func TestValidateReportsEveryFault(t *testing.T) {
	r := &Registry{
		Schools: []School{
			{UAI: 5, Name: "a", Kind: "primaire", Sector: Public, Department: "01"},
			{UAI: 5, Kind: College, Sector: "?", Department: "99", HasIPS: true, IPS: 900, Enrolment: -1},
		},
		Departments: []Department{{Code: "01", Name: "Ain", Academy: "Lyon"}},
		Levels:      []Term{{ID: 0, Code: Other}},
		Tools:       []Tool{{ID: 1, Code: "t"}},
	}
	err := r.Validate()
	for _, want := range []string{"kind", "no name", "sector", "unknown department", "out of range", "enrolment", "ascending", "zone", "ID 0", "reserved", "prefixes"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported in: %v", want, err)
		}
	}
}
