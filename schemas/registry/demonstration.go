package registry

import (
	"fmt"
	"slices"
	"strings"
)

// demonstrationDepartments are real departments of academies with different
// zones, in the order in which a small demonstration fills them.
var demonstrationDepartments = []struct {
	Department
	prefix   UAI // three digits of its UAIs
	communes [4]string
}{
	{Department{"13", "Bouches-du-Rhône", "Aix-Marseille", "B"}, 13, [4]string{"Brumeville-sur-Mer", "Mistral-les-Pins", "Calanque-le-Vieux", "Sainte-Ondée"}},
	{Department{"69", "Rhône", "Lyon", "A"}, 69, [4]string{"Brumeville-sur-Saône", "Confluence-le-Haut", "Saint-Givre", "La Rosée-d'Azergues"}},
	{Department{"75", "Paris", "Paris", "C"}, 75, [4]string{"Paris-Brume", "Paris-Nuée", "Paris-Ondée", "Paris-Rosée"}},
	{Department{"59", "Nord", "Lille", "B"}, 59, [4]string{"Brumeville-en-Flandre", "Crachin-lez-Lys", "Embrun-Plage", "Givre-sur-Scarpe"}},
}

const (
	demoColleges = 18
	demoLycees   = 7
	// First serial numbers within a department; the directory's collèges and
	// lycées stop well below 9000.
	demoFirstCollege = 9001
	demoFirstLycee   = 9101
)

// DemonstrationLycee is the first lycée of the first demonstration department,
// which every demonstration registry contains: the school of the recorded MOOC
// statements.
const DemonstrationLycee UAI = 13_0000 + demoFirstLycee

// DemonstrationDepartments lists the codes of the demonstration's departments
// in the order in which they are populated.
func DemonstrationDepartments() []string {
	var codes []string
	for _, d := range demonstrationDepartments {
		codes = append(codes, d.Code)
	}
	return codes
}

// Demonstration is the registry of the demonstration: real departments and
// academies, invented schools with well-formed UAIs, 10,000 to 13,000 pupils a
// department. It holds the first departments of DemonstrationDepartments, all
// of them when the number is 0, and always gives the same bytes.
func Demonstration(departments int) *Registry {
	if departments <= 0 || departments > len(demonstrationDepartments) {
		departments = len(demonstrationDepartments)
	}
	r := &Registry{Levels: builtinLevels(), Subjects: builtinSubjects(), Tools: demonstrationTools()}
	for n, d := range demonstrationDepartments[:departments] {
		r.Departments = append(r.Departments, d.Department)
		for i := range demoColleges + demoLycees {
			s := demonstrationSchool(n, i)
			s.UAI += d.prefix * 10_000
			s.Department = d.Code
			s.Commune = d.communes[i%len(d.communes)]
			r.Schools = append(r.Schools, s)
		}
	}
	slices.SortFunc(r.Departments, func(a, b Department) int { return strings.Compare(a.Code, b.Code) })
	slices.SortFunc(r.Schools, func(a, b School) int { return int(a.UAI) - int(b.UAI) })
	return r
}

// demonstrationSchool invents the i-th school of the n-th department.
func demonstrationSchool(n, i int) School {
	k := n*(demoColleges+demoLycees) + i
	scatter := uint32(k+1) * 2654435761 >> 8 // Knuth's multiplicative hash: spread, not random
	s := School{
		Name:      fmt.Sprintf("%s-%s", demoGiven[k%len(demoGiven)], demoFamily[k%len(demoFamily)]),
		Kind:      College,
		Sector:    Public,
		UAI:       UAI(demoFirstCollege + i),
		Enrolment: 300 + int(scatter%201),
	}
	label := "Collège"
	if i >= demoColleges {
		label, s.Kind = "Lycée", Lycee
		s.UAI = UAI(demoFirstLycee + i - demoColleges)
		s.Enrolment = 480 + int(scatter%301)
	}
	if i%5 == 4 {
		label, s.Sector = label+" privé", Private
	}
	s.Name = label + " " + s.Name
	if s.HasIPS = i%12 != 7; s.HasIPS {
		s.IPS = float64(750+scatter/201%600) / 10
	}
	return s
}

var demoGiven = []string{"Simone", "Aimé", "Basile", "Célestine", "Daphné", "Élie", "Flore", "Gaspard", "Honorine", "Isidore"}
var demoFamily = []string{"de-Brume", "Bruine", "Givre", "Rosée", "Ondée", "Nuée", "Crachin", "Embrun", "Frimas", "Grésil", "Zéphyr"}

func demonstrationTools() []Tool {
	return []Tool{
		{ID: 1, Code: "calcul", Name: "Calcul", Prefixes: []string{"https://calcul.example/"}},
		{ID: 2, Code: "lecture", Name: "Lecture", Prefixes: []string{"https://lecture.example/"}},
		{ID: 3, Code: "video", Name: "Vidéo", Prefixes: []string{"https://video.example/"}},
		{ID: 4, Code: "fun-mooc", Name: "FUN MOOC", Prefixes: []string{"uuid://", "course-v1:FUN-MOOC+", "http://fun-mooc.fr/", "https://www.fun-mooc.fr/"}},
	}
}

// builtinLevels are the levels of collège and general lycée.
func builtinLevels() []Term {
	return []Term{
		{1, "6e", "Sixième", "Year 6e (age 11)"},
		{2, "5e", "Cinquième", "Year 5e (age 12)"},
		{3, "4e", "Quatrième", "Year 4e (age 13)"},
		{4, "3e", "Troisième", "Year 3e (age 14)"},
		{5, "2de", "Seconde", "Year 2de (age 15)"},
		{6, "1re", "Première", "Year 1re (age 16)"},
		{7, "tle", "Terminale", "Year tle (age 17)"},
	}
}

func builtinSubjects() []Term {
	return []Term{
		{1, "mathematiques", "Mathématiques", "Mathematics"},
		{2, "francais", "Français", "French"},
		{3, "histoire-geographie", "Histoire-géographie", "History and geography"},
		{4, "svt", "Sciences de la vie et de la Terre", "Life and earth sciences"},
		{5, "physique-chimie", "Physique-chimie", "Physics and chemistry"},
		{6, "anglais", "Anglais", "English"},
		{7, "technologie", "Technologie", "Technology"},
		{8, "arts", "Arts", "Arts"},
	}
}
