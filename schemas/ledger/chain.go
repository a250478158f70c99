package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// The reasons for which a record is not valid.
var (
	ErrStale      = errors.New("record does not follow the head")
	ErrShape      = errors.New("record must hold exactly one of year, reserved, committed")
	ErrYear       = errors.New("year is not open under these facts")
	ErrTwice      = errors.New("already in the ledger")
	ErrOverspent  = errors.New("budget exceeded")
	ErrUnreserved = errors.New("release is not reserved")
	ErrStep       = errors.New("not the next step of a year stream that is paid")
)

// Chain is the state that follows from the valid records read so far.
// The zero value is the empty ledger.
type Chain struct {
	sequence  uint64
	head      Hash
	years     map[string]Year
	spent     map[string]map[string]int64 // year → zone → 1e-9 μ²
	charged   map[string]string           // year/family/window → release
	reserved  map[string]Reserved
	committed map[string]Committed
	streams   map[string]stream // year/family
	plans     map[string][]Hash // each year's plans, in the order in which they came
	order     []string          // releases as reserved
}

// Pin is a position of the chain that a reader has seen and remembers.
type Pin struct {
	Sequence uint64 `json:"sequence"`
	Head     Hash   `json:"head"`
}

// Pin returns the chain's present position.
func (c *Chain) Pin() Pin { return Pin{c.sequence, c.head} }

// Next returns the record completed so that it follows the head.
func (c *Chain) Next(r Record) Record {
	r.Sequence, r.Prev = c.sequence+1, c.head
	return r
}

// Apply makes a signature-checked record part of the chain, or says why it is
// not valid and leaves the chain as it was.
func (c *Chain) Apply(r Record, value []byte) error {
	if err := c.Check(r); err != nil {
		return err
	}
	c.init()
	switch {
	case r.Year != nil:
		c.openYear(*r.Year)
	case r.Reserved != nil:
		c.charge(*r.Reserved)
	default:
		c.committed[r.Committed.Release] = *r.Committed
	}
	c.sequence, c.head = r.Sequence, HashOf(value)
	return nil
}

// Check says whether the record would be valid now.
func (c *Chain) Check(r Record) error {
	if r.Sequence != c.sequence+1 || r.Prev != c.head {
		return ErrStale
	}
	switch {
	case r.Year != nil && r.Reserved == nil && r.Committed == nil:
		return c.checkYear(*r.Year)
	case r.Reserved != nil && r.Year == nil && r.Committed == nil:
		return c.checkReserved(*r.Reserved)
	case r.Committed != nil && r.Year == nil && r.Reserved == nil:
		return c.checkCommitted(*r.Committed)
	}
	return ErrShape
}

func (c *Chain) checkYear(y Year) error {
	old, open := c.years[y.Name]
	switch {
	case y.LimitNano <= 0 || y.Facts.Partitions <= 0:
		return fmt.Errorf("year %s: %w", y.Name, ErrShape)
	case open && old.Facts != y.Facts:
		return fmt.Errorf("year %s: %w", y.Name, ErrYear)
	case open && old.Plan != y.Plan && slices.Contains(c.plans[y.Name], y.Plan):
		return fmt.Errorf("year %s: a plan that was replaced does not come back: %w", y.Name, ErrYear)
	case open && old == y:
		return fmt.Errorf("year %s: %w", y.Name, ErrTwice)
	}
	return nil
}

func (c *Chain) openYear(y Year) {
	if !slices.Contains(c.plans[y.Name], y.Plan) {
		c.plans[y.Name] = append(c.plans[y.Name], y.Plan)
	}
	c.years[y.Name] = y
}

func (c *Chain) checkReserved(r Reserved) error {
	year, open := c.years[r.Year]
	if !open || !slices.Contains(c.plans[r.Year], r.Plan) || len(r.Inputs) != year.Facts.Partitions || len(r.Costs)+len(r.Streams) == 0 {
		return fmt.Errorf("reserving %s: %w", r.Release, ErrYear)
	}
	if _, twice := c.reserved[r.Release]; twice {
		return fmt.Errorf("reserving %s: %w", r.Release, ErrTwice)
	}
	if err := c.checkStep(r); err != nil {
		return fmt.Errorf("reserving %s: %w", r.Release, err)
	}
	spent := maps.Clone(c.spent[r.Year])
	if spent == nil {
		spent = map[string]int64{}
	}
	for _, cost := range r.Costs {
		if _, twice := c.charged[chargeKey(r, cost)]; twice {
			return fmt.Errorf("reserving %s: family %s: %w", r.Release, cost.Family, ErrTwice)
		}
		if cost.Nano <= 0 || cost.Nano > year.LimitNano-spent[cost.Zone] {
			return fmt.Errorf("reserving %s: zone %s: %w", r.Release, cost.Zone, ErrOverspent)
		}
		spent[cost.Zone] += cost.Nano
	}
	return nil
}

func (c *Chain) checkCommitted(m Committed) error {
	r, ok := c.reserved[m.Release]
	if !ok {
		return fmt.Errorf("committing %s: %w", m.Release, ErrUnreserved)
	}
	if _, twice := c.committed[m.Release]; twice {
		return fmt.Errorf("committing %s: %w", m.Release, ErrTwice)
	}
	if len(m.DraftKey) == 0 || m.Draft == "" || !keepsNoise(m, r) {
		return fmt.Errorf("committing %s: %w", m.Release, ErrShape)
	}
	return nil
}

func (c *Chain) charge(r Reserved) {
	if c.spent[r.Year] == nil {
		c.spent[r.Year] = map[string]int64{}
	}
	for _, cost := range r.Costs {
		c.spent[r.Year][cost.Zone] += cost.Nano
		c.charged[chargeKey(r, cost)] = r.Release
	}
	c.step(r)
	c.reserved[r.Release] = r
	c.order = append(c.order, r.Release)
}

// chargeKey names what may be charged once only, whatever the plan.
func chargeKey(r Reserved, cost Cost) string {
	return r.Year + "/" + cost.Family + "/" + r.Window + "/" + cost.Zone
}

func (c *Chain) init() {
	if c.years != nil {
		return
	}
	c.years, c.spent = map[string]Year{}, map[string]map[string]int64{}
	c.charged, c.reserved = map[string]string{}, map[string]Reserved{}
	c.committed = map[string]Committed{}
	c.streams, c.plans = map[string]stream{}, map[string][]Hash{}
}

// Year returns an open school year.
func (c *Chain) Year(name string) (Year, bool) { y, ok := c.years[name]; return y, ok }

// Plans returns the plans of a year in the order in which they came.
func (c *Chain) Plans(year string) []Hash { return slices.Clone(c.plans[year]) }

// Changed says whether a year's plan is another than the one that opened it.
func (c *Chain) Changed(year string) bool { return len(c.plans[year]) > 1 }

// Years returns the names of the open years, ascending.
func (c *Chain) Years() []string { return slices.Sorted(maps.Keys(c.years)) }

// Reserved returns the reservation of a release.
func (c *Chain) Reserved(release string) (Reserved, bool) { r, ok := c.reserved[release]; return r, ok }

// Committed returns the commitment of a release.
func (c *Chain) Committed(release string) (Committed, bool) {
	m, ok := c.committed[release]
	return m, ok
}

// Releases returns the reserved releases in the order of their reservation.
func (c *Chain) Releases() []string { return slices.Clone(c.order) }

// Spent returns what a year has cost so far, in 1e-9 μ²: the largest spend of
// any zone, since one pupil is in one zone in a window and the yearly meter
// stops a pupil who moves at the number of windows of one zone.
func (c *Chain) Spent(year string) int64 {
	var most int64
	for _, nano := range c.spent[year] {
		most = max(most, nano)
	}
	return most
}

// SpentWith returns what a release's year had cost once it was reserved, in
// 1e-9 μ².
func (c *Chain) SpentWith(release string) int64 {
	year, spent := c.reserved[release].Year, map[string]int64{}
	var most int64
	for _, id := range c.order {
		r := c.reserved[id]
		if r.Year != year {
			continue
		}
		for _, cost := range r.Costs {
			spent[cost.Zone] += cost.Nano
			most = max(most, spent[cost.Zone])
		}
		if id == release {
			break
		}
	}
	return most
}

// SpentByZone returns what each zone has cost so far, in 1e-9 μ².
func (c *Chain) SpentByZone(year string) map[string]int64 { return maps.Clone(c.spent[year]) }
