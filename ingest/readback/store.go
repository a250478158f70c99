package readback

import (
	"hash/maphash"
	"time"
)

const (
	idLength     = 36      // of a UUID
	segmentBytes = 1 << 18 // texts are kept in pieces of this size
	entryBytes   = 48
	indexBytes   = 40 // an upper bound of what a map entry costs, growth included
)

// entry is a text that is kept: a statement, or an attachment's content. It has
// no pointer, so that the garbage collector never looks at it.
type entry struct {
	hash       uint64 // of publisher and key
	at         int64  // when it was stored, in Unix nanoseconds
	prev, next uint64 // statements of the same publisher; 0: none
	segment    uint32
	offset     uint32
	size       uint32
	publisher  uint16
	key        uint8 // the text's first bytes: an id, or a digest
	flags      flags
}

type flags uint8

const (
	v2      flags = 1 << iota // the request was of version 2.0
	content                   // an attachment's content, not a statement
)

// chain is the first and the last statement of a publisher.
type chain struct{ first, last uint64 }

// store is a queue of texts with an index by key. It is not safe for use by
// more than one goroutine.
type store struct {
	limit    int64
	seed     maphash.Seed
	entries  []entry // entries[head:] is the queue
	head     int
	oldest   uint64 // sequence number of entries[head]; the first ever has 1
	segments [][]byte
	first    uint32 // number of segments[0]
	spare    []byte
	bytes    int64 // of segments and spare
	index    map[uint64]uint64
	peak     int // most entries since the index was made
	chains   map[uint16]chain
}

func newStore(limit int64) *store {
	return &store{limit: limit, seed: maphash.MakeSeed(), oldest: 1, index: map[uint64]uint64{}, chains: map[uint16]chain{}}
}

// next is the sequence number that the next text takes.
func (s *store) next() uint64 { return s.oldest + uint64(len(s.entries)-s.head) }

// entry returns an entry that is still kept, else nil.
func (s *store) entry(seq uint64) *entry {
	if seq < s.oldest || seq >= s.next() {
		return nil
	}
	return &s.entries[s.head+int(seq-s.oldest)]
}

// text returns key and text of an entry; both are overwritten when it leaves.
func (s *store) text(e *entry) (key, text []byte) {
	b := s.segments[e.segment-s.first][e.offset : e.offset+e.size]
	return b[:e.key], b[e.key:]
}

func (s *store) hash(publisher uint16, key string) uint64 {
	return maphash.String(s.seed, key) ^ uint64(publisher+1)*0x9e3779b97f4a7c15
}

// find returns the sequence number of a publisher's text, 0 when there is none.
func (s *store) find(publisher uint16, key string, hash uint64) uint64 {
	seq := s.index[hash]
	e := s.entry(seq)
	if e == nil || e.publisher != publisher {
		return 0
	}
	if has, _ := s.text(e); string(has) != key {
		return 0
	}
	return seq
}

// add appends a text made of key and parts, and says whether it could be kept.
func (s *store) add(e entry, key string, parts ...string) bool {
	size := len(key)
	for _, p := range parts {
		size += len(p)
	}
	if !s.room(size) {
		return false
	}
	last := len(s.segments) - 1
	e.segment, e.offset, e.size, e.key = s.first+uint32(last), uint32(len(s.segments[last])), uint32(size), uint8(len(key))
	b := append(s.segments[last], key...)
	for _, p := range parts {
		b = append(b, p...)
	}
	s.segments[last] = b
	seq := s.next()
	if e.flags&content == 0 {
		s.link(&e, seq)
	}
	s.index[e.hash] = seq
	s.entries = append(s.entries, e)
	s.peak = max(s.peak, len(s.entries)-s.head)
	return true
}

// link makes e the last of its publisher's statements.
func (s *store) link(e *entry, seq uint64) {
	c, ok := s.chains[e.publisher]
	if !ok {
		c.first = seq
	} else {
		e.prev = c.last
		s.entry(c.last).next = seq
	}
	c.last = seq
	s.chains[e.publisher] = c
}

// room makes the last segment have space for size bytes, at the cost of the
// oldest texts.
func (s *store) room(size int) bool {
	if last := len(s.segments) - 1; last >= 0 && cap(s.segments[last])-len(s.segments[last]) >= size && s.used() <= s.limit {
		return true
	}
	need := max(size, int(min(segmentBytes, s.limit/8)))
	if int64(need) > s.limit/2 {
		return false
	}
	for len(s.segments) > 0 && s.used()+int64(need-cap(s.spare)) > s.limit {
		s.dropSegment()
	}
	if b := s.spare; cap(b) >= need {
		s.spare, s.segments = nil, append(s.segments, b)
		return true
	}
	s.bytes += int64(need) - int64(cap(s.spare))
	s.spare, s.segments = nil, append(s.segments, make([]byte, 0, need))
	return true
}

// used is all that the store holds, its index included.
func (s *store) used() int64 {
	return s.bytes + int64(cap(s.entries))*entryBytes + int64(s.peak)*indexBytes
}

// dropSegment forgets the oldest segment and every text in it.
func (s *store) dropSegment() {
	for s.head < len(s.entries) && s.entries[s.head].segment == s.first {
		s.drop()
	}
	s.release()
}

// drop overwrites and forgets the oldest text.
func (s *store) drop() {
	e := &s.entries[s.head]
	clear(s.segments[e.segment-s.first][e.offset : e.offset+e.size])
	if s.index[e.hash] == s.oldest {
		delete(s.index, e.hash)
	}
	if e.flags&content == 0 {
		s.unlink(e)
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
	s.chains[e.publisher] = chain{e.next, s.chains[e.publisher].last}
}

// release gives back the oldest segment, which has no text any more.
func (s *store) release() {
	b := s.segments[0]
	s.segments[0] = nil
	s.segments, s.first = s.segments[1:], s.first+1
	if s.spare == nil && cap(b) <= segmentBytes {
		s.spare = b[:0]
	} else {
		s.bytes -= int64(cap(b))
	}
	s.compact()
}

// compact returns the memory of a queue that has become short.
func (s *store) compact() {
	n := len(s.entries) - s.head
	switch {
	case n == 0:
		s.entries, s.head, s.index, s.peak = nil, 0, map[uint64]uint64{}, 0
	case cap(s.entries) > 4*n:
		s.entries, s.head = append(make([]entry, 0, 2*n), s.entries[s.head:]...), 0
	case s.head > n:
		s.entries, s.head = append(s.entries[:0], s.entries[s.head:]...), 0
	}
	if n > 0 && s.peak > 4*n {
		index := make(map[uint64]uint64, n)
		for hash, seq := range s.index {
			index[hash] = seq
		}
		s.index, s.peak = index, n
	}
}

// expire forgets what was stored before the given time.
func (s *store) expire(before time.Time) {
	limit := before.UnixNano()
	for s.head < len(s.entries) && s.entries[s.head].at < limit {
		s.drop()
	}
	for len(s.segments) > 0 && (s.head == len(s.entries) || s.entries[s.head].segment > s.first) {
		s.release()
	}
	if len(s.segments) == 0 {
		s.bytes -= int64(cap(s.spare))
		s.spare = nil
	}
}
