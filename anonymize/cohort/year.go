package cohort

import (
	"crypto/aes"
	"crypto/cipher"
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

	before     *Year // the same under the plan that this one replaces in mid-year, or nil
	key        *pseudonym.Key
	cadences   [cadences]cadence
	stream     []policy.Window // the steps of the year streams, one for each week; empty without streams
	department []int           // by school index: its department's index
	levels     *terms
	subjects   *terms
	tools      *terms
}

// The cadences whose windows pupils contribute to. A year stream follows from
// the weeks.
const (
	weekly = iota
	periodic
	cadences
)

var cadenceNames = [cadences]policy.Cadence{weekly: policy.Weekly, periodic: policy.Periodic}

// cadence is the year's windows of one cadence, and what is kept in them.
type cadence struct {
	windows []policy.Window
	keys    []cipher.Block // one window key for each
	kept    bool           // some family has the cadence; weeks always: they decide whether an event counts
	shape   shape
	split   []int // by family: its split, see splitsOf
	meter   int   // most windows that one pupil may contribute to
	nano    int64 // what a window costs, in 1e-9 μ²
}

// NewYear prepares a school year. The window keys, by which a pupil's cells
// are chosen, are derived from the year's pseudonym key and die with it.
func NewYear(plan *policy.Plan, reg *registry.Registry, key *pseudonym.Key) (*Year, error) {
	y := &Year{
		Name: plan.Policy.SchoolYear, Plan: plan, Registry: reg, key: key,
		levels: termsOf(reg.Levels), subjects: termsOf(reg.Subjects), tools: toolsOf(reg.Tools),
	}
	y.cadences[weekly].kept = true
	for _, f := range plan.Families {
		if err := f.Supported(); err != nil {
			return nil, err
		}
		if f.Cadence == policy.YearStream {
			y.stream = plan.Policy.Windows(policy.YearStream)
		}
	}
	for i, c := range cadenceNames {
		if err := y.addCadence(&y.cadences[i], c); err != nil {
			return nil, err
		}
	}
	return y, y.findDepartments()
}

func (y *Year) addCadence(c *cadence, name policy.Cadence) error {
	p := y.Plan.Policy
	c.windows = p.Windows(name)
	c.shape, c.split = y.splitsOf(name)
	for _, w := range c.windows {
		key := y.key.Of("brume/window-key", w.Label)
		block, err := aes.NewCipher(key[:])
		if err != nil {
			return fmt.Errorf("window key: %w", err)
		}
		c.keys = append(c.keys, block)
	}
	for _, f := range y.Plan.Families {
		if f.Cadence == name {
			c.kept = true
			c.nano += f.CostNanoMu2
		}
	}
	for _, z := range p.Calendar.Zones {
		c.meter = max(c.meter, p.ZoneWindows(z.Name, name))
	}
	if len(c.windows) > 255 {
		return fmt.Errorf("year %s: more than 255 windows", y.Name)
	}
	return nil
}

func (y *Year) findDepartments() error {
	byCode := map[string]int{}
	for i, d := range y.Registry.Departments {
		byCode[d.Code] = i
	}
	for _, s := range y.Registry.Schools {
		d, ok := byCode[s.Department]
		if !ok {
			return fmt.Errorf("school %s: department %q is not in the registry", s.UAI, s.Department)
		}
		y.department = append(y.department, d)
	}
	return nil
}

// area returns the index, in the registry, of the area of a kind that a home
// school counts in.
func (y *Year) area(kind policy.Area, home int32) int {
	if home < 0 || kind == policy.BySchool {
		return int(home)
	}
	return y.department[home]
}

// rules names all that decides how events are folded under the plan.
func (y *Year) rules() string {
	return fmt.Sprintf("%d %x %x", FoldVersion, y.Plan.PolicyHash, y.Registry.Hash())
}

// terms maps the IDs of a nomenclature to dense indices; index 0 is Other.
type terms struct {
	index []uint32 // by ID; beyond its end: Other
	id    []uint16
}

func newTerms(ids []uint16) *terms {
	t := &terms{id: []uint16{0}}
	for _, id := range ids {
		if n := int(id) + 1; n > len(t.index) {
			t.index = append(t.index, make([]uint32, n-len(t.index))...)
		}
		t.index[id] = uint32(len(t.id))
		t.id = append(t.id, id)
	}
	return t
}

func termsOf(list []registry.Term) *terms {
	var ids []uint16
	for _, t := range list {
		ids = append(ids, uint16(t.ID))
	}
	return newTerms(ids)
}

func toolsOf(list []registry.Tool) *terms {
	var ids []uint16
	for _, t := range list {
		ids = append(ids, t.ID)
	}
	return newTerms(ids)
}

func (t *terms) of(id uint16) uint32 {
	if int(id) < len(t.index) {
		return t.index[id]
	}
	return 0
}

func (t *terms) len() uint32 { return uint32(len(t.id)) }
