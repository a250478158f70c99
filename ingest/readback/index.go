package readback

// index finds texts by hash: an open-addressing table whose slots hold 32 bits
// of the hash and the low 32 bits of a sequence number. Zero is a free slot.
// A map would cost three times the memory and never give it back.
type index struct {
	slots []uint64
	shift uint // of a tag, to its first slot
	n     int
}

const leastSlots = 1 << 6

// tag is the part of a hash that a slot holds; it is never 0.
func tag(hash uint64) uint32 { return uint32(hash>>32) | 1 }

func (x *index) resize(slots int) {
	old := x.slots
	x.slots, x.shift, x.n = make([]uint64, slots), 32, 0
	for n := slots; n > 1; n >>= 1 {
		x.shift--
	}
	for _, s := range old {
		if s != 0 {
			x.insert(s)
		}
	}
}

func (x *index) home(slot uint64) int { return int(uint32(slot>>32) >> x.shift) }

// insert puts a slot's value where a search meets it.
func (x *index) insert(slot uint64) {
	i := x.home(slot)
	for x.slots[i] != 0 {
		i = (i + 1) & (len(x.slots) - 1)
	}
	x.slots[i] = slot
	x.n++
}

// add notes that the text seq has the hash.
func (x *index) add(hash, seq uint64) {
	if x.full() {
		x.resize(max(leastSlots, 2*len(x.slots)))
	}
	x.insert(uint64(tag(hash))<<32 | seq&0xffffffff)
}

// full says that the next add makes the table twice as large.
func (x *index) full() bool { return x.n >= len(x.slots)/4*3 }

// find calls try with the low bits of each sequence number that may have the
// hash, until it returns true.
func (x *index) find(hash uint64, try func(low uint32) bool) {
	if x.n == 0 {
		return
	}
	t := tag(hash)
	for i := x.home(uint64(t) << 32); x.slots[i] != 0; i = (i + 1) & (len(x.slots) - 1) {
		if uint32(x.slots[i]>>32) == t && try(uint32(x.slots[i])) {
			return
		}
	}
}

// remove takes out what add noted, and moves back what had to go past it.
func (x *index) remove(hash, seq uint64) {
	slot, mask := uint64(tag(hash))<<32|seq&0xffffffff, len(x.slots)-1
	i := x.home(slot)
	for x.slots[i] != slot {
		if x.slots[i] == 0 {
			return
		}
		i = (i + 1) & mask
	}
	x.n--
	for j := (i + 1) & mask; x.slots[j] != 0; j = (j + 1) & mask {
		if home := x.home(x.slots[j]); (j-home)&mask >= (j-i)&mask {
			x.slots[i] = x.slots[j]
			i = j
		}
	}
	x.slots[i] = 0
	if len(x.slots) > leastSlots && x.n < len(x.slots)/8 {
		x.resize(len(x.slots) / 2)
	}
}

func (x *index) bytes() int64 { return int64(len(x.slots)) * 8 }
