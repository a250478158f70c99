package xapi

import "hash/maphash"

// nameSet finds a name that was there before, in time linear in the names
// whoever chooses them: a few are compared, many are hashed under a secret.
type nameSet struct {
	list  []string
	table []uint32 // places in list, counted from 1, by hash; unused while the list is short
}

// few is how many names are compared one by one.
const few = 8

var nameSeed = maphash.MakeSeed()

// add returns false when the set has the name.
func (s *nameSet) add(name string) bool {
	if len(s.list) < few {
		for _, n := range s.list {
			if n == name {
				return false
			}
		}
		s.list = append(s.list, name)
		return true
	}
	if 2*len(s.list) >= len(s.table) {
		s.grow()
	}
	if !s.place(name, uint32(len(s.list)+1)) {
		return false
	}
	s.list = append(s.list, name)
	return true
}

// grow makes a table an eighth full.
func (s *nameSet) grow() {
	size := max(8*few, 4*len(s.table))
	if cap(s.table) < size {
		s.table = make([]uint32, size)
	}
	s.table = s.table[:size]
	clear(s.table)
	for i, name := range s.list {
		s.place(name, uint32(i+1))
	}
}

// place enters a name that is, or will be, at a place in the list.
func (s *nameSet) place(name string, at uint32) bool {
	mask := uint64(len(s.table) - 1)
	for slot := maphash.String(nameSeed, name) & mask; ; slot = (slot + 1) & mask {
		switch other := s.table[slot]; {
		case other == 0:
			s.table[slot] = at
			return true
		case s.list[other-1] == name:
			return false
		}
	}
}

// reset empties the set for the names of another object.
func (s *nameSet) reset() {
	s.list, s.table = s.list[:0], s.table[:0]
}

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
