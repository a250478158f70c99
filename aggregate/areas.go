package aggregate

import (
	"slices"
	"strings"

	"brume/schemas/registry"
)

// Areas indexes a registry by the codes that cells and pages use.
type Areas struct {
	registry    *registry.Registry
	school      map[string]registry.School
	department  map[string]registry.Department
	academyOf   map[string]string   // department code → academy code
	enrolment   map[string]uint32   // any area's code → pupils
	departments map[string]uint16   // academy or nation code → departments
	zones       map[string][]string // academy or nation code → holiday zones, sorted
}

// NewAreas indexes the registry.
func NewAreas(reg *registry.Registry) *Areas {
	a := &Areas{
		registry:    reg,
		school:      map[string]registry.School{},
		department:  map[string]registry.Department{},
		academyOf:   map[string]string{},
		enrolment:   map[string]uint32{},
		departments: map[string]uint16{},
		zones:       map[string][]string{},
	}
	for _, d := range reg.Departments {
		academy := AcademyCode(d.Academy)
		a.department[d.Code] = d
		a.academyOf[d.Code] = academy
		for _, code := range []string{academy, NationCode} {
			a.departments[code]++
			if !slices.Contains(a.zones[code], d.Zone) {
				a.zones[code] = append(a.zones[code], d.Zone)
				slices.Sort(a.zones[code])
			}
		}
	}
	for _, s := range reg.Schools {
		code, pupils := s.UAI.String(), uint32(max(s.Enrolment, 0))
		a.school[code] = s
		for _, up := range []string{code, s.Department, a.academyOf[s.Department], NationCode} {
			a.enrolment[up] += pupils
		}
	}
	return a
}

// zone is the area's only holiday zone, or empty when it has several.
func (a *Areas) zone(code string) string {
	if zones := a.zones[code]; len(zones) == 1 {
		return zones[0]
	}
	return ""
}

var plainLetters = strings.NewReplacer("à", "a", "â", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e",
	"î", "i", "ï", "i", "ô", "o", "ö", "o", "ù", "u", "û", "u", "ü", "u", "œ", "oe", " ", "-", "'", "-", "’", "-")

// AcademyCode is the code of an academy in published.areas and in addresses:
// "Aix-Marseille" is "ac-aix-marseille".
func AcademyCode(name string) string {
	return "ac-" + plainLetters.Replace(strings.ToLower(name))
}
