package cohort

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"brume/schemas/event"
)

// Home schools that are no index of the registry.
const (
	otherSchool = int32(-1)
	erased      = int32(-2)
)

// most is where counters stop: saturation does not depend on order, and the
// squares of all counters of a row add up within 64 bits.
const most = 1<<24 - 1

// scoreBins is the number of equal bins of a score histogram.
const scoreBins = 10

// row is what is kept of one pupil in one window, unpacked.
type row struct {
	home  int32    // registry index of the home school
	cells [][]slot // by split, ascending by cell
}

// slot is what is kept of one pupil in one cell; only what the split's families
// count is set.
type slot struct {
	cell     uint32
	outcomes [2]uint32 // successes, failures
	seconds  uint32
	scores   [scoreBins]uint32
}

// counts says whether the event adds anything to what a split keeps.
func (s *split) counts(e *event.Event) bool {
	return s.active || s.outcomes && e.Outcome != event.NoOutcome || s.minutes && e.Duration > 0 || s.scores && scored(e)
}

func scored(e *event.Event) bool { return e.Score >= 0 && e.Score <= 1000 }

// add adds an event's facts to a slot.
func (c *slot) add(s *split, e *event.Event) {
	if s.outcomes {
		switch e.Outcome {
		case event.Success:
			bump(&c.outcomes[0], 1)
		case event.Failure:
			bump(&c.outcomes[1], 1)
		}
	}
	if s.minutes && e.Duration > 0 {
		bump(&c.seconds, uint32(e.Duration))
	}
	if s.scores && scored(e) {
		bump(&c.scores[min(int(e.Score)/100, scoreBins-1)], 1)
	}
}

func bump(counter *uint32, n uint32) { *counter = min(*counter+min(n, most), most) }

// append packs the row: equal rows give equal bytes.
func (r *row) append(b []byte, s shape) []byte {
	b = binary.AppendUvarint(b, uint64(r.home+2))
	for i, cells := range r.cells {
		b = binary.AppendUvarint(b, uint64(len(cells)))
		for j := range cells {
			b = cells[j].append(b, &s[i])
		}
	}
	return b
}

func (c *slot) append(b []byte, s *split) []byte {
	b = binary.AppendUvarint(b, uint64(c.cell))
	if s.outcomes {
		b = binary.AppendUvarint(b, uint64(c.outcomes[0]))
		b = binary.AppendUvarint(b, uint64(c.outcomes[1]))
	}
	if s.minutes {
		b = binary.AppendUvarint(b, uint64(c.seconds))
	}
	if s.scores {
		var set uint16
		for i, n := range c.scores {
			if n > 0 {
				set |= 1 << i
			}
		}
		b = binary.AppendUvarint(b, uint64(set))
		for _, n := range c.scores {
			if n > 0 {
				b = binary.AppendUvarint(b, uint64(n))
			}
		}
	}
	return b
}

// reader unpacks; once the bytes do not make sense it stays bad.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) next(limit uint32) uint32 {
	if len(r.b) > 0 && r.b[0] < 0x80 && uint32(r.b[0]) <= limit { // most are small
		v := uint32(r.b[0])
		r.b = r.b[1:]
		return v
	}
	v, n := binary.Uvarint(r.b)
	if n <= 0 || v > uint64(limit) {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return uint32(v)
}

// parse unpacks what append packed, reusing the row's memory, and returns the
// number of bytes read, or false when they are no row of the shape.
func (r *row) parse(b []byte, s shape, schools int) (n int, ok bool) {
	in := reader{b: b}
	r.home = int32(in.next(uint32(schools)+1)) - 2
	r.reset(s)
	for i := range s {
		last := -1
		for range in.next(uint32(s[i].k)) {
			c := in.slot(&s[i])
			in.bad = in.bad || int(c.cell) <= last
			last = int(c.cell)
			r.cells[i] = append(r.cells[i], c)
		}
	}
	return len(b) - len(in.b), !in.bad
}

// homeOf returns the home school of a packed row.
func homeOf(packed []byte) int32 {
	home, _ := binary.Uvarint(packed)
	return int32(home) - 2
}

// reset empties the row's cells.
func (r *row) reset(s shape) {
	r.cells = slices.Grow(r.cells[:0], len(s))[:len(s)]
	for i := range r.cells {
		r.cells[i] = r.cells[i][:0]
	}
}

func (r *reader) slot(s *split) (c slot) {
	c.cell = r.next(s.domain - 1)
	if s.outcomes {
		c.outcomes[0], c.outcomes[1] = r.next(most), r.next(most)
	}
	if s.minutes {
		c.seconds = r.next(most)
	}
	if s.scores {
		for set := r.next(1<<scoreBins - 1); set != 0; set &= set - 1 {
			c.scores[bits.TrailingZeros32(set)] = r.next(most)
		}
	}
	return c
}
