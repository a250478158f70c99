package cohort

import (
	"fmt"
	"math/bits"
	"slices"

	"brume/anonymize/exact"
	"brume/anonymize/pseudonym"
	"brume/schemas/policy"
	"brume/schemas/release"
)

// Closed is one partition's exact bounded sums for one release.
type Closed struct {
	Release release.ID
	Sums    *exact.Vector
	Gapped  bool // the partition lost statements of the window: its sums are zero, see Partition.Gap
}

// close closes every weekly window up to an index and returns their sums,
// also where no pupil was active: the domain is fixed. A window in which no
// area is in session has no cells and is no release. Closing again returns
// nothing.
func (c *Cohort) close(index int) ([]Closed, error) {
	var out []Closed
	for i := c.closed + 1; i <= min(index, len(c.year.weeks)-1); i++ {
		w := c.year.weeks[i]
		sums, err := c.sums(i)
		if err != nil {
			return nil, fmt.Errorf("closing %s: %w", w.Label, err)
		}
		if sums.Len() > 0 { // some area of the registry is in session: there is something to release
			out = append(out, Closed{policy.ReleaseID(w), sums, i <= c.gapped})
		}
		delete(c.weeks, i)
		c.closed = i
	}
	return out, nil
}

// sums adds up the clipped contributions of a window's pupils.
func (c *Cohort) sums(index int) (*exact.Vector, error) {
	layout := c.year.Plan.Layout(c.year.Registry, c.year.weeks[index])
	sums := exact.New(layout.Len())
	w := c.weeks[index]
	if w == nil {
		return sums, nil
	}
	b := contributor{c: c, layout: layout, key: c.year.keys[index], w: w, sums: sums}
	for row := range w.pupil {
		if w.home[row] == erased {
			continue
		}
		for f := range c.year.Plan.Families {
			if err := b.add(f, row); err != nil {
				return nil, err
			}
		}
	}
	return sums, nil
}

// contributor adds one pupil's clipped contribution to a window's sums.
type contributor struct {
	c      *Cohort
	layout *policy.Layout
	key    []byte
	w      *week
	sums   *exact.Vector
}

func (b *contributor) add(family, row int) error {
	f := &b.c.year.Plan.Families[family].Family
	if f.Cadence != policy.Weekly {
		return nil
	}
	area := b.area(f.Area, row)
	if f.Measure == policy.Outcomes {
		return b.outcomes(family, f, area, row)
	}
	for _, level := range b.levels(f, row) {
		if err := b.put(family, area, level, 0, 0, 1); err != nil {
			return err
		}
	}
	return nil
}

// area returns the index of the pupil's home school or its department.
func (b *contributor) area(kind policy.Area, row int) int {
	home := int(b.w.home[row])
	if home < 0 || kind == policy.BySchool {
		return home
	}
	return b.c.year.department[home]
}

// levels returns the levels in which an active pupil counts: no more than the
// family's cells, those with the smallest keyed hash; Other only when no level
// is known.
func (b *contributor) levels(f *policy.Family, row int) []uint8 {
	if !slices.Contains(f.By, policy.Level) {
		return []uint8{0}
	}
	set := b.w.levels[row]
	if set > 1 {
		set &^= 1
	}
	var ids []uint8
	for ; set != 0; set &= set - 1 {
		ids = append(ids, b.c.year.levels.id[bits.TrailingZeros64(set)])
	}
	if len(ids) > f.Cells {
		ids = b.bottom(ids, f.Cells, f.Name, b.c.pupils.ids[b.w.pupil[row]])
	}
	return ids
}

// bottom keeps the k cells with the smallest keyed hash.
func (b *contributor) bottom(ids []uint8, k int, what string, p pseudonym.Pseudonym) []uint8 {
	slices.SortFunc(ids, func(x, y uint8) int {
		if rank(b.key, p, what, uint32(x)) < rank(b.key, p, what, uint32(y)) {
			return -1
		}
		return 1
	})
	return ids[:k]
}

// outcomes adds failures and successes by subject, the whole vector clipped
// jointly to an L2 norm of the family's cap.
func (b *contributor) outcomes(family int, f *policy.Family, area, row int) error {
	subjects := b.c.year.subjects
	counts := b.w.outcomes[2*row*subjects.len() : 2*(row+1)*subjects.len()]
	bySubject := slices.Contains(f.By, policy.Subject)
	vector := make([]int64, len(counts))
	for i, n := range counts {
		if bySubject {
			vector[i] = int64(n)
		} else {
			vector[i%2] += int64(n)
		}
	}
	clip(vector, f.Cap)
	for i, n := range vector {
		if n == 0 {
			continue
		}
		measure := 1 - i%2 // successes come first in a release
		if err := b.put(family, area, 0, subjects.id[i/2], measure, n); err != nil {
			return err
		}
	}
	return nil
}

func (b *contributor) put(family, area int, level, subject uint8, measure int, amount int64) error {
	cell, ok := b.layout.Index(family, area, level, subject, 0, measure)
	if !ok {
		return fmt.Errorf("family %s: %w", b.c.year.Plan.Families[family].Name, exact.ErrCell)
	}
	return b.sums.Add(cell, amount)
}
