package publishers

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"brume/internal/kafka"
)

// state is what the topic's records add up to: the record of each publisher,
// and who claimed each number first.
type state struct {
	records map[string]Record
	damaged map[string]bool // publishers whose last record cannot be read
	claims  map[uint16]string
}

func newState() state {
	return state{records: map[string]Record{}, damaged: map[string]bool{}, claims: map[uint16]string{}}
}

// claimPrefix begins the keys of claims; no publisher's name has a slash. A
// number is claimed before it is used, so that two operators at once cannot
// give it to two publishers.
const claimPrefix = "number/"

// apply takes one record of the topic and says whether it counts. An error
// concerns that record alone and names it by its offset.
func (g state) apply(rec kafka.Record) (counts bool, err error) {
	if number, ok := strings.CutPrefix(string(rec.Key), claimPrefix); ok {
		return true, g.claim(number, rec)
	}
	name := string(rec.Key)
	r, err := decode(rec.Value)
	if err == nil && (r.Name != name || r.Number == 0) {
		err = errors.New("it does not fit its key")
	}
	if err != nil {
		g.damaged[name] = true
		return false, fmt.Errorf("publisher record at offset %d: %w", rec.Offset, err)
	}
	if old, known := g.records[name]; known && r.Revision <= old.Revision && old.Revision > 0 {
		return false, outrun(&r, rec)
	}
	delete(g.damaged, name)
	g.records[name] = r
	return true, nil
}

// outrun passes over a change that another one came before. Its author sees it
// too and makes the change anew; see Admin.
func outrun(r *Record, rec kafka.Record) error {
	if r.Revision == 0 {
		return fmt.Errorf("publisher record at offset %d: left out, an older version wrote it over a newer one's", rec.Offset)
	}
	return nil
}

func decode(value []byte) (r Record, err error) {
	if err = json.Unmarshal(value, &r); err != nil {
		return Record{}, fmt.Errorf("decoding: %w", err)
	}
	return r, nil
}

func (g state) claim(number string, rec kafka.Record) error {
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return fmt.Errorf("claim of a publisher number at offset %d is malformed", rec.Offset)
	}
	if _, taken := g.claims[uint16(n)]; !taken {
		g.claims[uint16(n)] = string(rec.Value)
	}
	return nil
}

// last is the highest number ever taken.
func (g state) last() (n uint16) {
	for claimed := range g.claims {
		n = max(n, claimed)
	}
	for _, r := range g.records {
		n = max(n, r.Number)
	}
	return n
}

// list gives the publishers by number.
func (g state) list() []Record {
	all := make([]Record, 0, len(g.records))
	for _, r := range g.records {
		all = append(all, r.clone())
	}
	slices.SortFunc(all, func(a, b Record) int { return int(a.Number) - int(b.Number) })
	return all
}
