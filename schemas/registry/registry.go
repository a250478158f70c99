// Package registry holds the public reference data that gives cells their
// fixed domain: schools, departments, academies, levels, subjects and tools.
//
// Nothing here is about a pupil. Every code outside the registry counts as
// "other", so the set of published cells never depends on what was sent.
package registry

// Other is the code of everything that the registry does not know.
const Other = "other"

// UAI is a school's national identifier, kept as its seven digits; the check
// letter is derived from them. Zero stands for an unknown school.
type UAI uint32

// School is one row of the school directory.
type School struct {
	UAI        UAI
	Name       string
	Kind       string // college or lycee
	Commune    string
	Department string // a Department's Code
	Sector     string // public or prive
	IPS        float64
	HasIPS     bool // a missing index is a state, not a zero
	Enrolment  int  // pupils, public; 0 when unknown
}

// Department is one department, with the academy it belongs to and the
// holiday zone its schools follow.
type Department struct {
	Code    string // INSEE code: "36", "2A", "974"
	Name    string
	Academy string // academy name, as the ministry writes it
	Zone    string // A, B, C, or the name of an overseas academy's calendar
}

// Term is an entry of a small nomenclature (levels, subjects). ID is what
// sealed events carry: it never changes meaning; 0 is Other.
type Term struct {
	ID      uint8
	Code    string // "6e", "mathematiques"
	French  string
	English string
}

// Tool is a registered learning tool. ID 0 is Other.
type Tool struct {
	ID        uint16
	Code      string
	Name      string
	Publisher string   // publisher allowed to report it; empty: any
	Prefixes  []string // activity-id prefixes that name the tool
}

// Registry is one immutable version of the reference data, used by pointer and
// safe for concurrent lookups. Schools are sorted
// by UAI, departments by code, terms and tools by ID; none holds Other.
type Registry struct {
	Schools     []School
	Departments []Department
	Levels      []Term
	Subjects    []Term
	Tools       []Tool

	index index // built by the first lookup
}
