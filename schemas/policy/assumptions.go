package policy

import (
	"strings"

	"brume/schemas/registry"
)

// Assumptions is what a report supposes of use, and the typical areas by which
// it judges. They are stated with every report; no data enters them.
type Assumptions struct {
	Active   float64       `json:"active"`  // share of pupils active in a window
	CapUse   float64       `json:"cap_use"` // share of a joint cap that an active pupil uses
	Subjects int           `json:"subjects"`
	Tools    int           `json:"tools"`
	Levels   []TypicalArea `json:"areas"`
}

// TypicalArea is a level of the geography: a school has Departments 0, and is
// not reached by families whose areas are departments.
type TypicalArea struct {
	Name        string `json:"name"`
	Pupils      int    `json:"pupils"`
	Schools     int    `json:"schools"`
	Departments int    `json:"departments"`
	Levels      int    `json:"levels"` // school levels taught in it
}

// pupilsPerSchool stands in for the enrolment of schools that do not state it.
const pupilsPerSchool = 450

// assume gives typical figures of the French secondary schools, and the
// registry's own where there is one. Four of the seven levels are taught in one
// school.
func assume(reg *registry.Registry) Assumptions {
	a := Assumptions{Active: 0.5, CapUse: 0.5, Subjects: 8, Tools: 4, Levels: []TypicalArea{
		{"school_60", 60, 1, 0, 4},
		{"school_200", 200, 1, 0, 4},
		{"school_600", 600, 1, 0, 4},
		{"department_8000", 8_000, 20, 1, 7},
		{"department_80000", 80_000, 180, 1, 7},
		{"nation", 5_600_000, 11_500, 101, 7},
	}}
	if reg == nil || len(reg.Schools) == 0 || len(reg.Departments) == 0 {
		return a
	}
	a.Subjects, a.Tools = max(len(reg.Subjects), 1), max(len(reg.Tools), 1)
	nation := &a.Levels[len(a.Levels)-1]
	nation.Schools, nation.Departments, nation.Pupils = len(reg.Schools), len(reg.Departments), 0
	for _, s := range reg.Schools {
		if s.Enrolment == 0 {
			nation.Pupils += pupilsPerSchool
		}
		nation.Pupils += s.Enrolment
	}
	for i := range a.Levels {
		taught := max(len(reg.Levels), 1)
		if a.Levels[i].Departments == 0 {
			taught = (taught + 1) / 2
		}
		a.Levels[i].Levels = taught
	}
	return a
}

// nation is the whole, the last of the levels.
func (a Assumptions) nation() TypicalArea { return a.Levels[len(a.Levels)-1] }

// label is the level's name for people: "school of 600", "dept. of 8,000".
func (l TypicalArea) label() string {
	kind, _, sized := strings.Cut(l.Name, "_")
	if !sized {
		return kind
	}
	if kind == "department" {
		kind = "dept."
	}
	return kind + " of " + grouped(int64(l.Pupils))
}

// areas counts the family's areas in the level: 0 when it does not reach it.
func (l TypicalArea) areas(grain Area) int {
	if grain == BySchool {
		return l.Schools
	}
	return l.Departments
}

// split counts the cells over which an area's pupils spread.
func (a Assumptions) split(by []Dimension, l TypicalArea) int {
	n := 1
	for _, d := range by {
		switch d {
		case Level:
			n *= l.Levels
		case Subject:
			n *= a.Subjects
		case Tool:
			n *= a.Tools
		}
	}
	return n
}
