package publishers

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"brume/internal/kafka"
)

// LiveKeys is how many keys of a publisher live at once: two, for rotation.
const LiveKeys = 2

// Record is one publisher. Numbers ascend and are never used again: events
// carry them.
type Record struct {
	Name    string    `json:"name"`
	Number  uint16    `json:"number"`
	Mapping string    `json:"mapping"`
	Created time.Time `json:"created"`
	Keys    []Key     `json:"keys"`
}

// Key is one of a publisher's live keys.
type Key struct {
	ID      string    `json:"id"`
	SHA256  string    `json:"sha256"` // of the secret, hexadecimal
	Created time.Time `json:"created"`
}

// The decisions about publishers.
var (
	ErrExists   = errors.New("publisher exists")
	ErrUnknown  = errors.New("no such publisher")
	ErrNoKey    = errors.New("no such key")
	ErrFull     = errors.New("no number left for another publisher")
	ErrBadName  = errors.New("a publisher's name is 1 to 64 lower-case letters, digits and hyphens")
	ErrConflict = errors.New("the registry keeps changing")
)

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

func (r *Record) clone() Record {
	c := *r
	c.Keys = slices.Clone(r.Keys)
	return c
}

// registry is the state that the topic's records add up to: the last record of
// each publisher, and who claimed each number first.
type registry struct {
	records map[string]Record
	claims  map[uint16]string
}

func newRegistry() registry {
	return registry{records: map[string]Record{}, claims: map[uint16]string{}}
}

// claimPrefix begins the keys of claims; no publisher's name has a slash. A
// number is claimed before it is used, so that two operators at once cannot
// give it to two publishers.
const claimPrefix = "number/"

// apply takes one record of the topic.
func (g registry) apply(rec kafka.Record) error {
	if number, ok := strings.CutPrefix(string(rec.Key), claimPrefix); ok {
		n, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			return fmt.Errorf("claim of a publisher number at offset %d is malformed", rec.Offset)
		}
		if _, taken := g.claims[uint16(n)]; !taken {
			g.claims[uint16(n)] = string(rec.Value)
		}
		return nil
	}
	var r Record
	if err := json.Unmarshal(rec.Value, &r); err != nil {
		return fmt.Errorf("decoding publisher record at offset %d: %w", rec.Offset, err)
	}
	if r.Name != string(rec.Key) || r.Number == 0 {
		return fmt.Errorf("publisher record at offset %d does not fit its key", rec.Offset)
	}
	g.records[r.Name] = r
	return nil
}

// last is the highest number ever taken.
func (g registry) last() (n uint16) {
	for claimed := range g.claims {
		n = max(n, claimed)
	}
	for _, r := range g.records {
		n = max(n, r.Number)
	}
	return n
}

// list gives the publishers by number.
func (g registry) list() []Record {
	all := make([]Record, 0, len(g.records))
	for _, r := range g.records {
		all = append(all, r.clone())
	}
	slices.SortFunc(all, func(a, b Record) int { return int(a.Number) - int(b.Number) })
	return all
}
