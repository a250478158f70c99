package xapi

// shelf holds the lists of all statements of a body, one after the other, in
// few pieces of memory.
type shelf[T any] struct {
	all   []T
	start int // of the list that grows
	left  int // how many more the statement may keep
}

// MostKept is how many extensions, and how many activities of its context, a
// statement keeps for mappings. Those that follow are checked like the others:
// no tool sends as many, and they would cost many times their text.
const MostKept = 256

// allow begins a statement.
func (s *shelf[T]) allow() { s.left = MostKept }

// begin starts a list.
func (s *shelf[T]) begin() { s.start = len(s.all) }

// largestPiece bounds the memory taken at once for short lists.
const largestPiece = 256

// add appends to the list while the statement may keep more; when there is no
// room it moves to a new piece, and
// leaves the lists before it where they are.
func (s *shelf[T]) add(v T) {
	if s.left == 0 {
		return
	}
	s.left--
	if len(s.all) == cap(s.all) {
		list := s.all[s.start:]
		s.all = make([]T, len(list), max(4, min(2*cap(s.all), largestPiece), 2*len(list)))
		s.start = 0
		copy(s.all, list)
	}
	s.all = append(s.all, v)
}

// list returns the list, nil when it is empty.
func (s *shelf[T]) list() []T {
	if s.start == len(s.all) {
		return nil
	}
	return s.all[s.start:len(s.all):len(s.all)]
}
