package policy

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"brume/schemas/registry"
)

// TestValidate breaks the default policy in one place a row, and expects a fault
// that says where.
func TestValidate(t *testing.T) {
	zone := func(f func(z *Zone)) func(*Policy) {
		return func(p *Policy) { f(&p.Calendar.Zones[1]) }
	}
	family := func(f func(f *Family)) func(*Policy) {
		return func(p *Policy) { f(&p.Families[1]) }
	}
	for _, c := range []struct {
		name   string
		change func(p *Policy)
		want   string
	}{
		{"no name", func(p *Policy) { p.Name = "" }, "name: missing"},
		{"ε zero", func(p *Policy) { p.Epsilon = 0 }, "epsilon"},
		{"ε not a number", func(p *Policy) { p.Epsilon = math.NaN() }, "epsilon"},
		{"ε infinite", func(p *Policy) { p.Epsilon = math.Inf(1) }, "epsilon"},
		{"δ zero", func(p *Policy) { p.Delta = 0 }, "delta"},
		{"δ under the sampler's", func(p *Policy) { p.Delta = 1e-11 }, "delta"},
		{"δ above 1/pupils", func(p *Policy) { p.Delta = 1e-5 }, "delta"},
		{"δ not a number", func(p *Policy) { p.Delta = math.NaN() }, "delta"},
		{"late", func(p *Policy) { p.LateWindows = -1 }, "late_windows"},
		{"bound", func(p *Policy) { p.MaxError = 0 }, "max_error"},
		{"scope", func(p *Policy) { p.Identity.Scope = "both" }, "identity: scope"},
		{"shared without pages", func(p *Policy) { p.Identity.HomePages = nil }, "home_pages: scope shared"},
		{"shared with publishers", func(p *Policy) { p.Identity.Publishers = 2 }, "publishers: only for"},
		{"relative page", func(p *Policy) { p.Identity.HomePages[0] = "ent.example" }, "not an absolute address"},
		{"page twice", func(p *Policy) { p.Identity.HomePages[1] = p.Identity.HomePages[0] }, "appears twice"},
		{"per publisher without m", func(p *Policy) { p.Identity = Identity{Scope: ScopePerPublisher} }, "publishers: 0"},
		{"per publisher with pages", func(p *Policy) { p.Identity.Scope, p.Identity.Publishers = ScopePerPublisher, 2 }, "home_pages: only for"},
		{"timezone", func(p *Policy) { p.Timezone = "Europe/Brume" }, "timezone"},
		{"machine's timezone", func(p *Policy) { p.Timezone = "Local" }, "timezone"},
		{"no timezone", func(p *Policy) { p.Timezone = "" }, "timezone"},
		{"school year", func(p *Policy) { p.SchoolYear = "2026-2028" }, "school_year"},
		{"school year's form", func(p *Policy) { p.SchoolYear = "2026" }, "school_year"},
		{"from an unlisted week", func(p *Policy) { p.From = "2026-W30" }, "from: "},
		{"from the first week", func(p *Policy) { p.From = p.Calendar.Zones[0].Weeks[0] }, "from: "},
		{"no zones", func(p *Policy) { p.Calendar.Zones = nil }, "no zones"},
		{"other zone", func(p *Policy) { p.Calendar.OtherZone = "D" }, "other_zone"},
		{"zone twice", func(p *Policy) { p.Calendar.Zones[1].Name = "A" }, "zone A appears twice"},
		{"zone without a name", zone(func(z *Zone) { z.Name = "" }), "reserved or empty"},
		{"zone without weeks", zone(func(z *Zone) { z.Weeks, z.HalfTerms = nil, nil }), "no weeks"},
		{"not a week", zone(func(z *Zone) { z.Weeks[3] = "2026-39" }), "not an ISO week"},
		{"week 53 of a year of 52", zone(func(z *Zone) { z.Weeks[3] = "2025-W53" }), "has no week 53"},
		{"week 0", zone(func(z *Zone) { z.Weeks[3] = "2026-W00" }), "not an ISO week"},
		{"before the year", zone(func(z *Zone) { z.Weeks[0] = "2026-W35" }), "outside the school year"},
		{"after the year", zone(func(z *Zone) { z.Weeks[35] = "2027-W36" }), "outside the school year"},
		{"not ascending", zone(func(z *Zone) { z.Weeks[3], z.Weeks[4] = z.Weeks[4], z.Weeks[3] }), "does not come after"},
		{"week twice", zone(func(z *Zone) { z.Weeks[4] = z.Weeks[3] }), "does not come after"},
		{"another N", zone(func(z *Zone) { z.Weeks, z.HalfTerms[4].Last = z.Weeks[:35], z.Weeks[34] }), "every zone needs as many"},
		{"half-term of unlisted weeks", zone(func(z *Zone) { z.HalfTerms[0].First = "2026-W43" }), "must be listed weeks"},
		{"half-terms overlap", zone(func(z *Zone) { z.HalfTerms[1].First = z.HalfTerms[0].Last }), "follow one another"},
		{"a week in no half-term", zone(func(z *Zone) { z.HalfTerms[1].First = "2026-W46" }), "follow one another"},
		{"weeks after the last", zone(func(z *Zone) { z.HalfTerms[4].Last = "2027-W25" }), "belong to none"},
		{"half-term backwards", zone(func(z *Zone) { h := &z.HalfTerms[0]; h.First, h.Last = h.Last, h.First }), "ends before it begins"},
		{"half-term twice", zone(func(z *Zone) { z.HalfTerms[1].Name = "P1" }), "P1 appears twice"},
		{"half-term's name", zone(func(z *Zone) { z.HalfTerms[1].Name = "P 2" }), "half-term name"},
		{"half-term named like another", zone(func(z *Zone) { z.HalfTerms[1].Name = "p1" }), "p1 appears twice"},
		{"half-term named like a week", zone(func(z *Zone) { z.HalfTerms[1].Name = "W36" }), "that of a week in releases"},
		{"half-term named like a week of another year", zone(func(z *Zone) { z.HalfTerms[1].Name = "w05" }), "that of a week in releases"},
		{"half-term named like a stream", zone(func(z *Zone) { z.HalfTerms[1].Name = "stream-w36" }), "half-term name"},
		{"half-terms of other names", zone(func(z *Zone) { z.HalfTerms[1].Name = "Q2" }), "not named as those"},
		{"no families", func(p *Policy) { p.Families = nil }, "families: 0"},
		{"family twice", family(func(f *Family) { f.Name = "school_week_active" }), "appears twice"},
		{"family's name", family(func(f *Family) { f.Name = "Écoles" }), "name: must match"},
		{"cadence", family(func(f *Family) { f.Cadence = "day" }), "cadence"},
		{"area", family(func(f *Family) { f.Area = "class" }), "area"},
		{"dimension", family(func(f *Family) { f.By = []Dimension{"gender"} }), "by: \"gender\""},
		{"dimension twice", family(func(f *Family) { f.By = []Dimension{Level, Level} }), "level appears twice"},
		{"measure", family(func(f *Family) { f.Measure = "clicks" }), "measure"},
		{"cells zero", family(func(f *Family) { f.Cells = 0 }), "cells"},
		{"cells overflow", family(func(f *Family) { f.Cells = math.MaxInt }), "cells"},
		{"cells without dimension", family(func(f *Family) { f.By, f.Cells = nil, 2 }), "without a dimension"},
		{"cap zero", family(func(f *Family) { f.Cap = 0 }), "cap"},
		{"cap overflow", family(func(f *Family) { f.Measure, f.Cap = Outcomes, math.MaxInt64 }), "cap"},
		{"active twice", family(func(f *Family) { f.Cap = 2 }), "it must be 1"},
		{"stream of minutes", family(func(f *Family) { f.Measure, f.Cadence = Minutes, YearStream }), "cannot be a year stream"},
		{"share zero", family(func(f *Family) { f.Share = 0 }), "share"},
		{"share not a number", family(func(f *Family) { f.Share = math.NaN() }), "share"},
		{"shares above 1", family(func(f *Family) { f.Share = 0.7 }), "above 1"},
		{"no half-terms", func(p *Policy) {
			for i := range p.Calendar.Zones {
				p.Calendar.Zones[i].HalfTerms = nil
			}
			p.Families[1].Cadence = Periodic
		}, "the calendar has no half-terms"},
	} {
		p := mustDefault(t, "2026-2027")
		c.change(p)
		err := p.Validate()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
		if _, err := p.Plan(); err == nil {
			t.Errorf("%s: planned all the same", c.name)
		}
	}
}

func TestValidateReportsEveryFault(t *testing.T) {
	p := &Policy{Families: []Family{{}}}
	err := p.Validate()
	for _, want := range []string{"name", "epsilon", "delta", "identity", "timezone", "school_year", "cadence", "measure", "cap"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no fault about %s in:\n%v", want, err)
		}
	}
}

// TestReleaseNamesStayApart: a year whose first and last days lie in two weeks
// of the same number cannot list both.
func TestReleaseNamesStayApart(t *testing.T) {
	p := mustDefault(t, "2026-2027")
	p.SchoolYear = "2025-2026"
	for i := range p.Calendar.Zones {
		p.Calendar.Zones[i].HalfTerms = nil
		p.Calendar.Zones[i].Weeks = []string{"2025-W36", "2026-W36"}
	}
	if err := p.Validate(); err == nil || !strings.Contains(err.Error(), "same release name") {
		t.Errorf("got %v", err)
	}
}

func TestParseIsStrict(t *testing.T) {
	good, err := DefaultText("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, from, to, want string }{
		{"unknown key", "epsilon: 4", "epsilon: 4\nepsilom: 5", "epsilom"},
		{"unknown key of a family", "    share: 0.36", "    share: 0.36\n    shares: 1", "shares"},
		{"key twice", "epsilon: 4", "epsilon: 4\nepsilon: 5", "epsilon"},
		{"word for a number", "epsilon: 4", "epsilon: four", "four"},
		{"fraction for an integer", "cap: 10", "cap: 10.5", "10.5"},
		{"octal", "cap: 10", "cap: 010", "010"},
		{"second document", "calendar:", "---\ncalendar:", ""},
		{"not YAML", "calendar:", "\t{", ""},
	} {
		bad := strings.Replace(string(good), c.from, c.to, 1)
		if _, err := Parse([]byte(bad)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	for _, empty := range []string{"", "\n", "# nothing", "---", "null", "[]", strings.Repeat("#", maxFile+1)} {
		if _, err := Parse([]byte(empty)); err == nil {
			t.Errorf("parsed %.20q", empty)
		}
	}
}

func TestLoad(t *testing.T) {
	good, _ := DefaultText("2026-2027")
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Load(path)
	if err != nil || p.Hash() != mustDefault(t, "2026-2027").Hash() {
		t.Errorf("loading: %v", err)
	}
	if _, err := Load(path + "x"); err == nil {
		t.Error("loaded a missing file")
	}
	if err := os.WriteFile(path, []byte("name: x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "policy.yaml") {
		t.Errorf("a faulty file is not named: %v", err)
	}
}

func TestCheckRegistry(t *testing.T) {
	p := mustDefault(t, "2026-2027")
	reg := &registry.Registry{Departments: []registry.Department{
		{Code: "36", Zone: "B"}, {Code: "971", Zone: "Guadeloupe"}, {Code: "974", Zone: "La Réunion"},
	}}
	err := p.CheckRegistry(reg)
	if err == nil || !strings.Contains(err.Error(), "Guadeloupe") || !strings.Contains(err.Error(), "974") || strings.Contains(err.Error(), "36") {
		t.Errorf("got %v", err)
	}
	if err := p.CheckRegistry(registry.Demonstration(4)); err != nil {
		t.Errorf("demonstration: %v", err)
	}
}

func TestSupported(t *testing.T) {
	for name, p := range map[string]*Policy{"default": mustDefault(t, "2026-2027"), "design": designPolicy(t)} {
		if err := p.Supported(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := designPolicy(t)
	p.Families[12].By, p.Families[3].Cells = []Dimension{Level}, 65
	err := p.Supported()
	for _, what := range []string{"school_stream_ever_active: this version does not fold: a year stream by level", "department_week_active_by_level_subject: this version does not fold: more than 64 cells"} {
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%q is not reported: %v", what, err)
		}
	}
}

func TestHash(t *testing.T) {
	base := mustDefault(t, "2026-2027")
	yaml, _ := DefaultText("2026-2027")
	loose, err := Parse([]byte("# a comment\n" + strings.Replace(string(yaml), "cap: 10 #", "cap:   10   #", 1)))
	if err != nil || loose.Hash() != base.Hash() {
		t.Errorf("layout changes the hash (%v)", err)
	}
	seen := map[[32]byte]string{base.Hash(): "nothing changed", mustDefault(t, "2021-2022").Hash(): "other year"}
	for name, change := range map[string]func(p *Policy){
		"name":       func(p *Policy) { p.Name = "x" },
		"epsilon":    func(p *Policy) { p.Epsilon = 4.0000001 },
		"delta":      func(p *Policy) { p.Delta = 2e-9 },
		"timezone":   func(p *Policy) { p.Timezone = "Europe/Brussels" },
		"late":       func(p *Policy) { p.LateWindows = 3 },
		"max error":  func(p *Policy) { p.MaxError = 1 },
		"home pages": func(p *Policy) { p.Identity.HomePages = p.Identity.HomePages[1:] },
		"other zone": func(p *Policy) { p.Calendar.OtherZone = "B" },
		"a week":     func(p *Policy) { p.Calendar.Zones[0].Weeks[35] = "2027-W27" },
		"half-term":  func(p *Policy) { p.Calendar.Zones[0].HalfTerms[0].Last = "2026-W41" },
		"share":      func(p *Policy) { p.Families[2].Share = 0.007 },
		"cap":        func(p *Policy) { p.Families[2].Cap = 11 },
		"cells":      func(p *Policy) { p.Families[2].Cells = 3 },
		"by":         func(p *Policy) { p.Families[2].By = nil },
		"force":      func(p *Policy) { p.Families[2].Force = true },
		"order":      func(p *Policy) { p.Families[1], p.Families[2] = p.Families[2], p.Families[1] },
		"fewer":      func(p *Policy) { p.Families = p.Families[:2] },
		// text moved across a boundary must not keep the hash
		"boundary": func(p *Policy) { p.Name, p.SchoolYear = p.Name+"2", p.SchoolYear[1:] },
	} {
		p := mustDefault(t, "2026-2027")
		change(p)
		if other, ok := seen[p.Hash()]; ok {
			t.Errorf("%s: same hash as %s", name, other)
		}
		seen[p.Hash()] = name
	}
}
