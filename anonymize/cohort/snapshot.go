package cohort

import (
	"bytes"
	"encoding/binary"
	"encoding/json/v2"
	"fmt"
	"slices"
)

// Snapshot is a partition's state in canonical bytes: equal states give equal
// bytes. Common holds no pupil but the fingerprints of statements; each year's
// part names pseudonyms and MUST be sealed under that year's key before it
// rests anywhere.
type Snapshot struct {
	Common []byte
	Years  map[string][]byte
}

// common is the part of a snapshot that belongs to no year.
type common struct {
	Next     int64    `json:"next"`
	Counts   Counts   `json:"counts"`
	Newest   int64    `json:"newest"`
	Lost     int32    `json:"lost,omitzero"`
	Hours    []int64  `json:"hours"`
	Seen     [][]byte `json:"seen"` // fingerprints of each hour, ascending, 8 bytes each
	Sections []string `json:"years"`
}

// Snapshot returns the partition's state.
func (p *Partition) Snapshot() (Snapshot, error) {
	c := common{Next: p.next, Counts: p.counts, Newest: p.seen.newest, Lost: p.lost, Sections: p.Years()}
	var fingerprints [][]uint64
	c.Hours, fingerprints = p.seen.hours()
	for _, list := range fingerprints {
		b := make([]byte, 0, 8*len(list))
		for _, f := range list {
			b = binary.LittleEndian.AppendUint64(b, f)
		}
		c.Seen = append(c.Seen, b)
	}
	head, err := json.Marshal(c, json.Deterministic(true))
	if err != nil {
		return Snapshot{}, fmt.Errorf("encoding snapshot: %w", err)
	}
	s := Snapshot{Common: head, Years: map[string][]byte{}}
	for name, cohort := range p.years {
		if s.Years[name], err = cohort.encode(); err != nil {
			return Snapshot{}, fmt.Errorf("encoding snapshot of %s: %w", name, err)
		}
	}
	return s, nil
}

// Restore returns the partition that Snapshot described, without the years whose
// parts are missing: their keys are destroyed.
func Restore(env Env, s Snapshot) (*Partition, error) {
	var c common
	if err := json.Unmarshal(s.Common, &c); err != nil {
		return nil, fmt.Errorf("restoring snapshot: %w", err)
	}
	p := NewPartition(env)
	p.next, p.lost = c.Next, c.Lost
	p.seen.forget(c.Newest)
	p.counts.Add(c.Counts)
	if len(c.Seen) != len(c.Hours) {
		return nil, fmt.Errorf("restoring snapshot: %d hours, %d segments", len(c.Hours), len(c.Seen))
	}
	for i, h := range c.Hours {
		if h > c.Newest || h <= c.Newest-keepHours {
			return nil, fmt.Errorf("restoring snapshot: fingerprints of hour %d, newest %d", h, c.Newest)
		}
		for b := c.Seen[i]; len(b) >= 8; b = b[8:] {
			p.seen.record(binary.LittleEndian.Uint64(b), h)
		}
	}
	for _, name := range c.Sections {
		if _, left := s.Years[name]; !left {
			continue
		}
		y, ok := env[name]
		if !ok {
			return nil, fmt.Errorf("restoring snapshot: year %s: %w", name, ErrConfig)
		}
		cohort, err := decodeCohort(y, s.Years[name])
		if err != nil {
			return nil, fmt.Errorf("restoring snapshot of %s: %w", name, err)
		}
		p.years[name] = cohort
	}
	return p, nil
}

// order returns the pupils sorted by pseudonym.
func (t *pupils) order() []uint32 {
	order := make([]uint32, len(t.ids))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return compareIDs(t.ids[a], t.ids[b]) })
	return order
}

func compareIDs[T ~[16]byte](a, b T) int { return bytes.Compare(a[:], b[:]) }
