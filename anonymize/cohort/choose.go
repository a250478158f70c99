package cohort

import (
	"crypto/cipher"
	"encoding/binary"

	"brume/anonymize/pseudonym"
)

// chooser orders the cells among which one pupil's are chosen in one window:
// uniformly, and independently of order, replay and rebalancing. Its order is
// AES-CBC-MAC under the window's key over two blocks, the pseudonym and the
// cell: a pseudorandom function, since all its inputs are equally long.
type chooser struct {
	key   cipher.Block
	pupil [aes128]byte // the first block, encrypted
	block [aes128]byte
}

const aes128 = 16

// homes is the set of dimensions that stands for the choice of a home school.
const homes = dims(0)

// of makes the chooser one of the pupil in the window of the key.
func (c *chooser) of(key cipher.Block, p pseudonym.Pseudonym) {
	c.key = key
	key.Encrypt(c.pupil[:], p[:])
}

// rank returns the place of a cell in the order: the smallest are chosen.
func (c *chooser) rank(what dims, cell uint32) uint64 {
	c.block = [aes128]byte{0: byte(what)}
	binary.BigEndian.PutUint32(c.block[4:], cell)
	for i := range c.block {
		c.block[i] ^= c.pupil[i]
	}
	c.key.Encrypt(c.block[:], c.block[:])
	return binary.BigEndian.Uint64(c.block[:])
}

// before says whether a cell of the split comes before another: a known level
// before an unknown one, then by rank.
func (c *chooser) before(s *split, a, b uint32) bool {
	if known := a >= s.unleveled; known != (b >= s.unleveled) {
		return known
	}
	if x, y := c.rank(s.dims, a), c.rank(s.dims, b); x != y {
		return x < y
	}
	return a < b
}

// touch returns the slot of a cell, or nil when the pupil has k others that
// come before it. The bar only rises: a cell that ends among the k was so from
// its first event, and one that has lost its slot never gets it back.
func (c *chooser) touch(s *split, cells []slot, cell uint32) ([]slot, *slot) {
	at := 0
	for at < len(cells) && cells[at].cell < cell {
		at++
	}
	if at < len(cells) && cells[at].cell == cell {
		return cells, &cells[at]
	}
	if len(cells) == s.k {
		last := 0
		for i := range cells {
			if c.before(s, cells[last].cell, cells[i].cell) {
				last = i
			}
		}
		if c.before(s, cells[last].cell, cell) {
			return cells, nil
		}
		copy(cells[last:], cells[last+1:])
		cells = cells[:len(cells)-1]
		if at > last {
			at--
		}
	}
	cells = append(cells, slot{})
	copy(cells[at+1:], cells[at:])
	cells[at] = slot{cell: cell}
	return cells, &cells[at]
}

// home returns the home school of a pupil who was seen in two: a known one
// before an unknown one, else the first by rank.
func (c *chooser) home(y *Year, a, b int32) int32 {
	switch {
	case a == b || b == otherSchool:
		return a
	case a == otherSchool:
		return b
	}
	uai := func(i int32) uint32 { return uint32(y.Registry.Schools[i].UAI) }
	if c.rank(homes, uai(b)) < c.rank(homes, uai(a)) {
		return b
	}
	return a
}
