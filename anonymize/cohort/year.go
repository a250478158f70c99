package cohort

import (
	"fmt"

	"brume/anonymize/pseudonym"
	"brume/schemas/policy"
	"brume/schemas/registry"
)

// Year is what folding needs to know of a school year. It is immutable and
// shared by all partitions.
type Year struct {
	Name     string
	Plan     *policy.Plan
	Registry *registry.Registry

	key        *pseudonym.Key
	weeks      []policy.Window
	keys       [][]byte // one window key for each of weeks
	department []int    // by school index: its department's index
	levels     *terms
	subjects   *terms
	meter      int // most weekly windows that one pupil may contribute to
}

// NewYear prepares a school year. The window keys, by which a pupil's cells
// are chosen, are derived from the year's pseudonym key and die with it.
func NewYear(plan *policy.Plan, reg *registry.Registry, key *pseudonym.Key) (*Year, error) {
	y := &Year{
		Name: plan.Policy.SchoolYear, Plan: plan, Registry: reg, key: key,
		weeks:  plan.Policy.Windows(policy.Weekly),
		levels: newTerms(reg.Levels), subjects: newTerms(reg.Subjects),
	}
	for _, f := range plan.Families {
		if err := f.Supported(); err != nil {
			return nil, err
		}
		y.meter = max(y.meter, f.Windows)
	}
	for _, w := range y.weeks {
		k := key.Of("brume/window-key", w.Label)
		y.keys = append(y.keys, k[:])
	}
	byCode := map[string]int{}
	for i, d := range reg.Departments {
		byCode[d.Code] = i
	}
	for _, s := range reg.Schools {
		d, ok := byCode[s.Department]
		if !ok {
			return nil, fmt.Errorf("school %s: department %q is not in the registry", s.UAI, s.Department)
		}
		y.department = append(y.department, d)
	}
	if y.meter > 255 || y.levels.len() > 64 {
		return nil, fmt.Errorf("year %s: more than 255 windows or 64 levels", y.Name)
	}
	return y, nil
}

// rules names all that decides how the year's events are folded.
func (y *Year) rules() string {
	return fmt.Sprintf("%d %x %x", FoldVersion, y.Plan.PolicyHash, y.Registry.Hash())
}

// terms maps the IDs of a nomenclature to dense slots; slot 0 is Other.
type terms struct {
	slot [256]uint8
	id   []uint8
}

func newTerms(list []registry.Term) *terms {
	t := &terms{id: []uint8{0}}
	for _, term := range list {
		t.slot[term.ID] = uint8(len(t.id))
		t.id = append(t.id, term.ID)
	}
	return t
}

func (t *terms) len() int { return len(t.id) }
