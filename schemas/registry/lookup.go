package registry

import (
	"strings"
	"sync"
)

// index holds the maps behind the lookups. They are built at the first lookup,
// so that a Registry can be written as a literal; the exported slices MUST NOT
// change afterwards.
type index struct {
	once        sync.Once
	schools     map[UAI]int
	departments map[string]int
	levels      map[string]uint8
	subjects    map[string]uint8
	levelCode   map[uint8]string
	subjectCode map[uint8]string
	toolCode    map[uint16]string
}

func (r *Registry) indexed() *index {
	r.index.once.Do(func() {
		ix := &r.index
		ix.schools = make(map[UAI]int, len(r.Schools))
		for i, s := range r.Schools {
			ix.schools[s.UAI] = i
		}
		ix.departments = make(map[string]int, len(r.Departments))
		for i, d := range r.Departments {
			ix.departments[d.Code] = i
		}
		ix.levels, ix.levelCode = termMaps(r.Levels)
		ix.subjects, ix.subjectCode = termMaps(r.Subjects)
		ix.toolCode = make(map[uint16]string, len(r.Tools))
		for _, t := range r.Tools {
			ix.toolCode[t.ID] = t.Code
		}
	})
	return &r.index
}

func termMaps(terms []Term) (map[string]uint8, map[uint8]string) {
	ids := make(map[string]uint8, len(terms))
	codes := make(map[uint8]string, len(terms))
	for _, t := range terms {
		ids[t.Code] = t.ID
		codes[t.ID] = t.Code
	}
	return ids, codes
}

// School finds a school by its UAI.
func (r *Registry) School(u UAI) (School, bool) {
	i, ok := r.indexed().schools[u]
	if !ok {
		return School{}, false
	}
	return r.Schools[i], true
}

// SchoolIndex gives a school's position in Schools.
func (r *Registry) SchoolIndex(u UAI) (int, bool) {
	i, ok := r.indexed().schools[u]
	return i, ok
}

// Department finds a department by its code.
func (r *Registry) Department(code string) (Department, bool) {
	i, ok := r.indexed().departments[code]
	if !ok {
		return Department{}, false
	}
	return r.Departments[i], true
}

// ZoneOf gives the holiday zone of a school's department, or other when the
// school is unknown.
func (r *Registry) ZoneOf(school UAI, other string) string {
	ix := r.indexed()
	i, ok := ix.schools[school]
	if !ok {
		return other
	}
	d, ok := ix.departments[r.Schools[i].Department]
	if !ok {
		return other
	}
	return r.Departments[d].Zone
}

// LevelID gives a level's ID, 0 (Other) when the code is unknown.
func (r *Registry) LevelID(code string) uint8 { return r.indexed().levels[code] }

// SubjectID gives a subject's ID, 0 (Other) when the code is unknown.
func (r *Registry) SubjectID(code string) uint8 { return r.indexed().subjects[code] }

// LevelCode gives a level's code, or Other.
func (r *Registry) LevelCode(id uint8) string { return orOther(r.indexed().levelCode[id]) }

// SubjectCode gives a subject's code, or Other.
func (r *Registry) SubjectCode(id uint8) string { return orOther(r.indexed().subjectCode[id]) }

// ToolCode gives a tool's code, or Other.
func (r *Registry) ToolCode(id uint16) string { return orOther(r.indexed().toolCode[id]) }

func orOther(code string) string {
	if code == "" {
		return Other
	}
	return code
}

// ToolByActivity gives the ID of the tool that owns the longest prefix of the
// activity id, among the publisher's tools and those that any publisher may
// report (Tool.Publisher empty); 0 (Other) when there is none.
func (r *Registry) ToolByActivity(publisher, activityID string) uint16 {
	var id uint16
	longest := -1
	for i := range r.Tools {
		t := &r.Tools[i]
		if t.Publisher != "" && t.Publisher != publisher {
			continue
		}
		for _, p := range t.Prefixes {
			if len(p) > longest && strings.HasPrefix(activityID, p) {
				id, longest = t.ID, len(p)
			}
		}
	}
	return id
}
