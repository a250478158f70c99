package xapi

import "hash/maphash"

// nameSet finds a name that was there before, in time linear in the names
// whoever chooses them: they are hashed under a secret.
type nameSet struct {
	list  []hashedName
	slots []slot // an open-addressing table; those beyond size are for larger sets
	size  int    // a power of two, 0 for the empty set
	stamp uint32 // of the slots that are in use: the others are of sets before
}

type hashedName struct {
	name string
	hash uint32
}

// slot holds a place in the list. So none has to be cleared for the next set.
type slot struct{ stamp, place uint32 }

const leastSlots = 32

var nameSeed = maphash.MakeSeed()

// add returns false when the set has the name.
func (s *nameSet) add(name string) bool {
	if 2*len(s.list) >= s.size {
		s.grow()
	}
	n := hashedName{name, uint32(maphash.String(nameSeed, name))}
	if !s.place(n, len(s.list)) {
		return false
	}
	s.list = append(s.list, n)
	return true
}

// grow makes room for as many names again.
func (s *nameSet) grow() {
	s.size = max(leastSlots, 4*s.size)
	if len(s.slots) < s.size {
		s.slots = make([]slot, s.size)
	}
	s.restamp()
	for i, n := range s.list {
		s.place(n, i)
	}
}

// restamp empties all slots.
func (s *nameSet) restamp() {
	if s.stamp++; s.stamp == 0 {
		clear(s.slots)
		s.stamp = 1
	}
}

// place enters a name that is, or will be, at a place in the list.
func (s *nameSet) place(n hashedName, at int) bool {
	mask := uint32(s.size - 1)
	for i := n.hash & mask; ; i = (i + 1) & mask {
		o := &s.slots[i]
		if o.stamp != s.stamp {
			*o = slot{s.stamp, uint32(at)}
			return true
		}
		if other := &s.list[o.place]; other.hash == n.hash && other.name == n.name {
			return false
		}
	}
}

// reset empties the set for the names of another object.
func (s *nameSet) reset() { s.list, s.size = s.list[:0], 0 }

// keepNames bounds what a pooled set keeps.
const keepNames = 256

// forget lets go of all names: they point into a statement.
func (s *nameSet) forget() {
	if cap(s.list) > keepNames {
		*s = nameSet{}
		return
	}
	clear(s.list[:cap(s.list)])
	s.reset()
}
