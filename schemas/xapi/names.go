package xapi

import "hash/maphash"

// nameSet finds a name that was there before, in time linear in the names
// whoever chooses them: they are hashed under a secret.
type nameSet struct {
	list  []hashedName
	slots []uint32 // an open-addressing table: places in list, counted from 1
}

type hashedName struct {
	name string
	hash uint32
}

// leastSlots are as many as are cleared in the time that one name takes.
const leastSlots = 32

var nameSeed = maphash.MakeSeed()

// add returns false when the set has the name.
func (s *nameSet) add(name string) bool {
	if 2*len(s.list) >= len(s.slots) {
		s.grow()
	}
	n := hashedName{name, uint32(maphash.String(nameSeed, name))}
	if !s.place(n, len(s.list)+1) {
		return false
	}
	s.list = append(s.list, n)
	return true
}

// grow makes a table an eighth full.
func (s *nameSet) grow() {
	size := max(leastSlots, 4*len(s.slots))
	if cap(s.slots) < size {
		s.slots = make([]uint32, size)
	}
	s.slots = s.slots[:size]
	clear(s.slots)
	for i, n := range s.list {
		s.place(n, i+1)
	}
}

// place enters a name that is, or will be, at a place in the list.
func (s *nameSet) place(n hashedName, at int) bool {
	mask := uint32(len(s.slots) - 1)
	for i := n.hash & mask; ; i = (i + 1) & mask {
		if s.slots[i] == 0 {
			s.slots[i] = uint32(at)
			return true
		}
		if other := &s.list[s.slots[i]-1]; other.hash == n.hash && other.name == n.name {
			return false
		}
	}
}

// reset empties the set for the names of another object.
func (s *nameSet) reset() { s.list, s.slots = s.list[:0], s.slots[:0] }

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
