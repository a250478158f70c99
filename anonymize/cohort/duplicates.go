package cohort

import (
	"math/bits"
	"slices"
)

// keepHours is how long a fingerprint is remembered, by log time. A repeat
// that comes later may count again, within the caps.
const keepHours = 72

// duplicates remembers the fingerprints of the last keepHours, across window
// closes, each with its hour of log time. A fingerprint's first byte names its
// shard; a shard is one table with open addressing, so that asking costs one
// probe whatever the number of hours, and growing moves one shard at a time.
type duplicates struct {
	shards [256]shard
	newest int64
	swept  int64          // the hour up to which every shard has dropped what is too old
	stale  [tags + 1]bool // by tag: whether its hour is too old
}

// shard is a table of slots: 0, or the low seven bytes of a fingerprint and
// the tag of its hour. What is too old stays until the slot is taken again or
// the shard is full, and counts as used.
type shard struct {
	slots []uint64
	used  int
}

// A shard is rebuilt when more than fullest of its slots are used, to the size
// at which what it keeps uses roomy of them: 8 to 10 bytes for a fingerprint.
const (
	fullest  = 0.9
	roomy    = 0.8
	smallest = 16
)

// tags is the number of hours that tags tell apart; sweepEvery keeps whatever
// is left of older hours from being taken for a new one.
const (
	tags       = 255
	sweepEvery = tags - keepHours - 1
)

func newDuplicates() *duplicates {
	d := &duplicates{}
	d.advance(0)
	return d
}

// seen says whether the fingerprint was recorded before, and records it.
func (d *duplicates) seen(fingerprint uint64, hour int64) bool {
	d.forget(hour)
	return d.record(fingerprint, d.newest)
}

// record says whether the fingerprint is there, and adds it under the hour if
// it is not.
func (d *duplicates) record(fingerprint uint64, hour int64) bool {
	s := &d.shards[fingerprint>>56]
	if float64(s.used+1) > fullest*float64(len(s.slots)) {
		s.rebuild(d)
	}
	low, free := fingerprint<<8, -1
	i := s.home(low)
	for ; s.slots[i] != 0; i = s.after(i) {
		switch old := d.old(s.slots[i]); {
		case old && free < 0:
			free = i
		case !old && s.slots[i]&^0xff == low:
			return true
		}
	}
	if free < 0 {
		free = i
		s.used++
	}
	s.slots[free] = low | uint64(hour%tags+1)
	return false
}

// home is where a fingerprint's slot is looked for first. Fingerprints are
// spread evenly: they are sums of PRF outputs.
func (s *shard) home(low uint64) int {
	hi, _ := bits.Mul64(low, uint64(len(s.slots)))
	return int(hi)
}

func (s *shard) after(i int) int {
	if i++; i == len(s.slots) {
		return 0
	}
	return i
}

// rebuild drops what is too old and gives the rest room.
func (s *shard) rebuild(d *duplicates) {
	before := s.slots
	s.used = 0
	for _, slot := range before {
		if slot != 0 && !d.old(slot) {
			s.used++
		}
	}
	s.slots = make([]uint64, max(smallest, int(float64(s.used+1)/roomy)))
	for _, slot := range before {
		if slot == 0 || d.old(slot) {
			continue
		}
		i := s.home(slot &^ 0xff)
		for s.slots[i] != 0 {
			i = s.after(i)
		}
		s.slots[i] = slot
	}
}

// age is how many hours a used slot lies behind the newest.
func (d *duplicates) age(slot uint64) int64 {
	return (d.newest%tags + tags - (int64(slot&0xff) - 1)) % tags
}

func (d *duplicates) old(slot uint64) bool { return d.stale[slot&0xff] }

// advance makes an hour the newest.
func (d *duplicates) advance(hour int64) {
	d.newest = hour
	for tag := range d.stale {
		d.stale[tag] = d.age(uint64(tag)) >= keepHours
	}
}

// forget advances the newest hour, which never goes back: what is too old then
// is not there any more.
func (d *duplicates) forget(hour int64) {
	switch {
	case hour <= d.newest:
		return
	case hour-d.newest >= keepHours:
		clear(d.shards[:])
		d.swept = hour
	case hour-d.swept >= sweepEvery:
		for i := range d.shards { // while the tags of what is too old still say so
			d.shards[i].rebuild(d)
		}
		d.swept = d.newest
	}
	d.advance(hour)
}

// hours returns the fingerprints of each hour that has some, ascending.
func (d *duplicates) hours() (hours []int64, fingerprints [][]uint64) {
	var byAge [keepHours][]uint64
	for first := range d.shards {
		for _, slot := range d.shards[first].slots {
			if slot != 0 && !d.old(slot) {
				age := d.age(slot)
				byAge[age] = append(byAge[age], uint64(first)<<56|slot>>8)
			}
		}
	}
	for age, list := range slices.Backward(byAge[:]) {
		if len(list) > 0 {
			slices.Sort(list)
			hours, fingerprints = append(hours, d.newest-int64(age)), append(fingerprints, list)
		}
	}
	return hours, fingerprints
}
