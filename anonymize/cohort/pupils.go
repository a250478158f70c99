package cohort

import (
	"encoding/binary"

	"brume/anonymize/pseudonym"
)

// pupils is a columnar table of the year's pupils with an open-addressing
// index by pseudonym.
type pupils struct {
	ids    []pseudonym.Pseudonym
	meters []meters // by stretch of the year
	ever   []bool   // counted in the year streams
	slots  []uint32
}

// meters are the windows that each pupil has contributed to, for the yearly
// meter.
type meters [cadences][]uint8

// addMeter begins to count a further stretch of the year.
func (t *pupils) addMeter() {
	var m meters
	for cadence := range m {
		m[cadence] = make([]uint8, len(t.ids))
	}
	t.meters = append(t.meters, m)
}

// metered returns the windows of a cadence that a pupil has contributed to.
func (t *pupils) metered(cadence int, row uint32) (n int) {
	for i := range t.meters {
		n += int(t.meters[i][cadence][row])
	}
	return n
}

// of returns the row of a pupil, who is added if new.
func (t *pupils) of(p pseudonym.Pseudonym) uint32 {
	if row, ok := t.find(p); ok {
		return row
	}
	return t.add(p)
}

// hash needs no mixing: a pseudonym is the output of a PRF.
func hash(p pseudonym.Pseudonym) uint64 { return binary.LittleEndian.Uint64(p[:8]) }

// find returns the row of a pupil.
func (t *pupils) find(p pseudonym.Pseudonym) (row uint32, ok bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	mask := uint64(len(t.slots) - 1)
	for i := hash(p) & mask; t.slots[i] != 0; i = (i + 1) & mask {
		if row := t.slots[i] - 1; t.ids[row] == p {
			return row, true
		}
	}
	return 0, false
}

// add appends a pupil who is not in the table and returns the row.
func (t *pupils) add(p pseudonym.Pseudonym) uint32 {
	t.ids = append(t.ids, p)
	for i := range t.meters {
		for cadence := range t.meters[i] {
			t.meters[i][cadence] = append(t.meters[i][cadence], 0)
		}
	}
	t.ever = append(t.ever, false)
	if 4*len(t.ids) > 3*len(t.slots) {
		t.index(max(64, 2*len(t.slots)))
	} else {
		t.place(uint32(len(t.ids) - 1))
	}
	return uint32(len(t.ids) - 1)
}

// append packs what is known of a pupil in the whole year.
func (t *pupils) append(b []byte, row uint32) []byte {
	for i := range t.meters {
		for cadence := range t.meters[i] {
			b = append(b, t.meters[i][cadence][row])
		}
	}
	if t.ever[row] {
		return append(b, 1)
	}
	return append(b, 0)
}

// restore sets what append packed.
func (t *pupils) restore(row uint32, packed []byte) bool {
	if len(packed) != cadences*len(t.meters)+1 {
		return false
	}
	for i := range t.meters {
		for cadence := range t.meters[i] {
			t.meters[i][cadence][row] = packed[cadences*i+cadence]
		}
	}
	t.ever[row] = packed[len(packed)-1] == 1
	return true
}

// index rebuilds the index with a power of two of slots.
func (t *pupils) index(slots int) {
	t.slots = make([]uint32, slots)
	for row := range t.ids {
		t.place(uint32(row))
	}
}

func (t *pupils) place(row uint32) {
	mask := uint64(len(t.slots) - 1)
	i := hash(t.ids[row]) & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = row + 1
}
