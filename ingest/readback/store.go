package readback

import (
	"hash/maphash"
	"time"
)

const (
	segmentBytes = 1 << 18 // texts are kept in pieces of this size
	entryBytes   = 56
)

// entry is a text that is kept. It has no pointer, so that the garbage
// collector never looks at it.
type entry struct {
	hash       uint64 // of publisher, kind and key
	at         int64  // when it was stored, in Unix nanoseconds
	prev, next uint64 // statements of the same publisher; 0: none
	segment    uint32
	offset     uint32
	size       uint32
	line       uint32 // of the publisher's keys; see lines
	publisher  uint16
	key        uint8 // length of the key that the text begins with
	kind       kind
	flags      flags
}

// kind says what a text is, and what its key is.
type kind uint8

const (
	statement kind = iota // id, JSON
	content               // SHA-2, media type, NUL, an attachment's content
	voider                // id of the statement that is voided, nothing
)

type flags uint8

const (
	v2     flags = 1 << iota // the request was of version 2.0
	voided                   // another statement voids it
	voids                    // it voids another, and cannot be voided
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
	stale    bool  // the last segment may have old texts behind its end
	bytes    int64 // of segments and spare
	index    index
	chains   map[uint16]*chain
	voiders  int
}

func newStore(limit int64) *store {
	return &store{limit: limit, seed: maphash.MakeSeed(), oldest: 1, chains: map[uint16]*chain{}}
}

// next is the sequence number that the next text takes.
func (s *store) next() uint64 { return s.oldest + uint64(len(s.entries)-s.head) }

// entry returns an entry that is still kept, else nil.
func (s *store) entry(seq uint64) *entry {
	if seq-s.oldest >= uint64(len(s.entries)-s.head) {
		return nil
	}
	return &s.entries[s.head+int(seq-s.oldest)]
}

// text returns the key of an entry and what follows it; both are overwritten
// when it leaves.
func (s *store) text(e *entry) (key, text []byte) {
	b := s.segments[e.segment-s.first][e.offset : e.offset+e.size]
	return b[:e.key], b[e.key:]
}

const mixer = 0x9e3779b97f4a7c15

func (s *store) hash(publisher uint16, k kind, key string) uint64 {
	return maphash.String(s.seed, key) ^ (uint64(publisher)<<2|uint64(k))*mixer
}

// find returns a publisher's entry by its key, nil when there is none.
func (s *store) find(publisher uint16, k kind, key string) *entry {
	e, _ := s.search(publisher, everyLine, k, key)
	return e
}

// search finds what a line of the publisher's keys sent, and gives the hash
// too.
func (s *store) search(publisher uint16, line uint32, k kind, key string) (found *entry, hash uint64) {
	hash = s.hash(publisher, k, key)
	s.index.find(hash, func(low uint32) bool {
		e := s.entry(s.oldest + uint64(low-uint32(s.oldest)))
		if e == nil || e.hash != hash || e.publisher != publisher || e.kind != k || !e.of(line) {
			return false
		}
		if has, _ := s.text(e); string(has) != key {
			return false
		}
		found = e
		return true
	})
	return found, hash
}

// add appends a text made of key and parts; e has its hash, and the key is not
// in the store. It says whether the text could be kept.
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
	if e.kind == statement {
		s.link(&e, seq)
	}
	s.index.add(e.hash, seq)
	s.push(e)
	return true
}

// link makes e the last of its publisher's statements.
func (s *store) link(e *entry, seq uint64) {
	c := s.chains[e.publisher]
	if c == nil {
		s.chains[e.publisher] = &chain{seq, seq}
		return
	}
	e.prev = c.last
	s.entry(c.last).next = seq
	c.last = seq
}

// expire forgets what was stored before the given time.
func (s *store) expire(before time.Time) {
	limit := before.UnixNano()
	if s.head == len(s.entries) || s.entries[s.head].at >= limit {
		return
	}
	for s.head < len(s.entries) && s.entries[s.head].at < limit {
		key, text := s.text(&s.entries[s.head])
		clear(key)
		clear(text)
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
