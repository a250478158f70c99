package readback

// room makes the last segment have space for size bytes, at the cost of the
// oldest texts. It says whether that is possible.
func (s *store) room(size int) bool {
	if last := len(s.segments) - 1; last >= 0 && cap(s.segments[last])-len(s.segments[last]) >= size && s.used()+s.growth() <= s.limit {
		return true
	}
	need := max(size, int(min(segmentBytes, s.limit/8)))
	if int64(need) > s.limit/2 {
		return false
	}
	for len(s.segments) > 0 && s.used()+s.growth()+int64(need-cap(s.spare)) > s.limit {
		s.dropSegment()
	}
	s.wipe()
	b := s.spare
	s.spare, s.stale = nil, true
	if cap(b) < need {
		clear(b[:cap(b)])
		s.bytes += int64(need) - int64(cap(b))
		b = make([]byte, 0, need)
	}
	s.segments = append(s.segments, b)
	return true
}

// used is all that the store holds, its index included.
func (s *store) used() int64 {
	return s.bytes + int64(cap(s.entries))*entryBytes + s.index.bytes()
}

// growth is what one more entry may make queue and index take.
func (s *store) growth() (n int64) {
	if len(s.entries) == cap(s.entries) {
		n = int64(grown(len(s.entries))-len(s.entries)) * entryBytes
	}
	if s.index.full() {
		n += max(leastSlots*8, s.index.bytes())
	}
	return n
}

// grown is the capacity that follows on n: append alone may double it.
func grown(n int) int { return n + n/4 + 64 }

// push appends an entry.
func (s *store) push(e entry) {
	if n := len(s.entries); n == cap(s.entries) {
		s.entries = append(make([]entry, 0, grown(n)), s.entries...)
	}
	s.entries = append(s.entries, e)
}

// wipe overwrites what dropSegment left in the segment that is being filled.
func (s *store) wipe() {
	if last := len(s.segments) - 1; s.stale && last >= 0 {
		b := s.segments[last]
		clear(b[len(b):cap(b)])
	}
	s.stale = false
}

// dropSegment forgets the oldest segment and every text in it. New texts take
// its place at once, and wipe sees to what they leave over.
func (s *store) dropSegment() {
	for s.head < len(s.entries) && s.entries[s.head].segment == s.first {
		s.drop()
	}
	s.release()
}

// drop forgets the oldest text.
func (s *store) drop() {
	e := &s.entries[s.head]
	s.index.remove(e.hash, s.oldest)
	switch e.kind {
	case statement:
		s.unlink(e)
	case voider:
		s.voiders--
	}
	s.head++
	s.oldest++
}

// unlink takes the oldest statement out of its publisher's chain.
func (s *store) unlink(e *entry) {
	if e.next == 0 {
		delete(s.chains, e.publisher)
		return
	}
	s.entry(e.next).prev = 0
	s.chains[e.publisher].first = e.next
}

// release gives back the oldest segment, which has no text any more.
func (s *store) release() {
	b := s.segments[0]
	s.segments[0] = nil
	s.segments, s.first = s.segments[1:], s.first+1
	if s.spare == nil && cap(b) <= segmentBytes {
		s.spare = b[:0]
	} else {
		clear(b[:cap(b)])
		s.bytes -= int64(cap(b))
	}
	s.compact()
}

// compact gives back the memory of a queue that has become short.
func (s *store) compact() {
	n := len(s.entries) - s.head
	switch {
	case n == 0:
		s.entries, s.head, s.index = nil, 0, index{}
	case cap(s.entries) > 4*n:
		s.entries, s.head = append(make([]entry, 0, grown(n)), s.entries[s.head:]...), 0
	case s.head > n/2:
		s.entries, s.head = append(s.entries[:0], s.entries[s.head:]...), 0
	}
}
