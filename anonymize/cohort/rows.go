package cohort

import "slices"

// rows holds one open window's packed rows, by pupil: about as many bytes as
// the pupils' contributions take, without a pointer for each.
type rows struct {
	refs  []uint32 // by pupil: class and place of the row, 0 when not active
	pools [classes]pool
	n     int
}

// Rows lie in places of a few sizes: multiples of 4 bytes up to 128, then
// powers of two.
const (
	fine      = 32
	classes   = fine + 16
	placeBits = 26 // of a ref; the class is above
)

// class returns the size class of a row, and the size of its places.
func class(n int) (c, size int) {
	if n <= 4*fine {
		c = max(n-1, 0) / 4
		return c, 4 * (c + 1)
	}
	for c, size = fine, 8*fine; size < n; c++ {
		size *= 2
	}
	return c, size
}

// get returns the place of the pupil's row, which may be longer than the row,
// or nil when the pupil is not active.
func (r *rows) get(pupil uint32) []byte {
	if int(pupil) >= len(r.refs) || r.refs[pupil] == 0 {
		return nil
	}
	ref := r.refs[pupil]
	return r.pools[ref>>placeBits].at(ref&(1<<placeBits-1) - 1)
}

// put replaces or adds the pupil's row.
func (r *rows) put(pupil uint32, packed []byte) {
	if n := int(pupil) + 1; n > len(r.refs) {
		r.refs = append(r.refs, make([]uint32, n-len(r.refs))...)
	}
	c, size := class(len(packed))
	ref := r.refs[pupil]
	switch {
	case ref == 0:
		r.n++
	case int(ref>>placeBits) != c:
		r.refs[pupil] = 0
		r.drop(ref)
		ref = 0
	}
	if ref == 0 {
		ref = uint32(c)<<placeBits | (r.pools[c].take(size) + 1)
		r.refs[pupil] = ref
	}
	place := r.pools[c].at(ref&(1<<placeBits-1) - 1)
	clear(place[copy(place, packed):])
}

// drop forgets a row's bytes and makes its place free. Pupils' rows grow through
// the classes as weeks go by: a class with too many free places is compacted.
func (r *rows) drop(ref uint32) {
	p, place := &r.pools[ref>>placeBits], ref&(1<<placeBits-1)-1
	clear(p.at(place))
	p.free = append(p.free, place)
	if 4*len(p.free) > int(p.n)+len(r.refs)/32 {
		r.compact(ref >> placeBits)
	}
}

// compact moves the last rows of a class into its free places and lets the
// blocks go that are empty then.
func (r *rows) compact(class uint32) {
	p := &r.pools[class]
	kept := p.n - uint32(len(p.free))
	holes := slices.DeleteFunc(p.free, func(place uint32) bool { return place >= kept })
	for pupil, ref := range r.refs {
		place := ref&(1<<placeBits-1) - 1
		if ref == 0 || ref>>placeBits != class || place < kept {
			continue
		}
		hole := holes[len(holes)-1]
		holes = holes[:len(holes)-1]
		copy(p.at(hole), p.at(place))
		r.refs[pupil] = class<<placeBits | (hole + 1)
	}
	used := (int(kept) + p.per - 1) / p.per
	clear(p.blocks[used:])
	if rest := int(kept) % p.per; rest > 0 {
		clear(p.blocks[used-1][rest*p.size:])
	}
	p.blocks, p.n, p.free = p.blocks[:used], kept, nil
}

// pool holds places of one size in blocks, so that growing copies nothing and
// leaves no slack.
type pool struct {
	size, per int // of a place; places of a block
	blocks    [][]byte
	n         uint32
	free      []uint32
}

const blockSize = 4096

func (p *pool) at(place uint32) []byte {
	start := int(place) % p.per * p.size
	return p.blocks[int(place)/p.per][start : start+p.size]
}

func (p *pool) take(size int) (place uint32) {
	if last := len(p.free) - 1; last >= 0 {
		place, p.free = p.free[last], p.free[:last]
		return place
	}
	p.size, p.per = size, max(1, blockSize/size)
	if int(p.n) == p.per*len(p.blocks) {
		p.blocks = append(p.blocks, make([]byte, p.per*size))
	}
	p.n++
	return p.n - 1
}
