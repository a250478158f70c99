package cohort

import (
	"errors"
	"fmt"
	"slices"

	"brume/anonymize/exact"
	"brume/schemas/policy"
)

// sums adds up the clipped contributions of a window's pupils, in one pass.
func (c *Cohort) sums(cadence, index int) (*exact.Vector, error) {
	year := c.under(cadence, index)
	y := &year.cadences[cadence]
	layout := year.Plan.Layout(year.Registry, y.windows[index])
	b := contributor{Cohort: c, year: year, cadence: y, layout: layout, sums: exact.New(layout.Len())}
	w := c.open[cadence][index]
	if w == nil {
		return b.sums, nil
	}
	for pupil := range w.refs {
		packed := w.get(uint32(pupil))
		if packed == nil {
			continue
		}
		if _, ok := c.row.parse(packed, y.shape, len(year.Registry.Schools)); !ok {
			return nil, errors.New("malformed row")
		}
		if c.row.home == erased {
			continue
		}
		c.chooser.of(y.keys[index], c.pupils.ids[pupil])
		for i := range year.Plan.Families {
			if f := &year.Plan.Families[i].Family; f.Cadence == y.windows[index].Cadence {
				if err := b.add(i, f); err != nil {
					return nil, fmt.Errorf("family %s: %w", f.Name, err)
				}
			}
		}
	}
	return b.sums, nil
}

// contributor adds the clipped contribution of the pupil of Cohort.row to a
// window's sums.
type contributor struct {
	*Cohort
	year    *Year // under the window's plan
	cadence *cadence
	layout  *policy.Layout
	sums    *exact.Vector
	chosen  []slot
	vector  []int64
}

func (b *contributor) add(family int, f *policy.Family) error {
	split := b.cadence.split[family]
	if split < 0 {
		return b.put(family, f, 0, 0, 0, 0, 1)
	}
	s := &b.cadence.shape[split]
	cells := b.choose(s, b.row.cells[split], f.Cells)
	b.vector = b.vector[:0]
	for i := range cells {
		b.vector = cells[i].measure(b.vector, f)
	}
	if f.Measure == policy.Outcomes || f.Measure == policy.Minutes {
		clip(b.vector, f.Cap)
	}
	for i := range cells {
		values := len(b.vector) / len(cells)
		level, subject, tool := b.year.ids(s.dims, cells[i].cell)
		for measure, n := range b.vector[i*values : (i+1)*values] {
			if n == 0 {
				continue
			}
			if err := b.put(family, f, level, subject, tool, measure, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// choose returns the cells of a row in which the pupil counts: no more than
// the family's, the first in the window's order. A cell of no known level
// counts only where the pupil has no known level in the same subject and tool.
func (b *contributor) choose(s *split, cells []slot, most int) []slot {
	doubtful := len(cells) > 1 && cells[0].cell < s.unleveled
	if !doubtful && len(cells) <= most {
		return cells
	}
	b.chosen = append(b.chosen[:0], cells...)
	if doubtful {
		b.chosen = slices.DeleteFunc(b.chosen, func(c slot) bool {
			return c.cell < s.unleveled && slices.ContainsFunc(cells, func(o slot) bool {
				return o.cell >= s.unleveled && o.cell%s.unleveled == c.cell
			})
		})
	}
	if len(b.chosen) > most {
		slices.SortFunc(b.chosen, func(x, y slot) int {
			if b.chooser.before(s, x.cell, y.cell) {
				return -1
			}
			return 1
		})
		b.chosen = b.chosen[:most]
	}
	return b.chosen
}

// measure appends what the pupil contributes in a cell, before joint clipping:
// the values of the family's measure, in order. The unit of mass of a score
// histogram is split in proportion to its scores, truncating toward zero.
func (c *slot) measure(v []int64, f *policy.Family) []int64 {
	switch f.Measure {
	case policy.Outcomes:
		return append(v, int64(c.outcomes[0]), int64(c.outcomes[1]))
	case policy.Minutes:
		return append(v, int64(c.seconds/60))
	case policy.Scores:
		var all int64
		for _, n := range c.scores {
			all += int64(n)
		}
		for _, n := range c.scores {
			v = append(v, f.Cap*int64(n)/max(all, 1))
		}
		return v
	default:
		return append(v, 1)
	}
}

func (b *contributor) put(family int, f *policy.Family, level, subject uint8, tool uint16, measure int, amount int64) error {
	cell, ok := b.layout.Index(family, b.year.area(f.Area, b.row.home), level, subject, tool, measure)
	if !ok {
		return exact.ErrCell
	}
	return b.sums.Add(cell, amount)
}
