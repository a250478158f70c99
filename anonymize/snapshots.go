package anonymize

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json/v2"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"brume/anonymize/cohort"
	"brume/anonymize/keys"
	"brume/internal/crashpoint"
	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/topics"
)

// manifest completes a snapshot: written last, it carries the offset and the
// hash of every sealed section. A snapshot without it does not exist.
type manifest struct {
	ID       string                 `json:"id"`
	Next     int64                  `json:"next"`
	Sections map[string]ledger.Hash `json:"sections"` // "" is the common part, others are years
	Keys     []string               `json:"keys"`     // of the records, to delete them
}

// snapshots writes and restores one partition's snapshots.
type snapshots struct {
	*Service
	assignment kafka.Assignment
	known      []manifest      // complete ones, oldest first
	verified   map[string]bool // IDs of those that were read back and opened
	count      int
}

func newSnapshots(s *Service, a kafka.Assignment) *snapshots {
	return &snapshots{Service: s, assignment: a, verified: map[string]bool{}}
}

// write seals the state and writes it in chunks, then its manifest, and reads
// them back. A crash or a zombie at any point leaves the older snapshots whole:
// the ID is this generation's and random.
func (s *snapshots) write(ctx context.Context, p *cohort.Partition) error {
	state, err := p.Snapshot()
	if err != nil {
		return err
	}
	m := manifest{
		ID:   fmt.Sprintf("%d-%d-%s", s.assignment.Generation, s.count, rand.Text()),
		Next: p.Next(), Sections: map[string]ledger.Hash{},
	}
	s.count++
	_, from, err := s.Kafka.Offsets(ctx, topics.Cohorts, s.assignment.Partition)
	if err != nil {
		return fmt.Errorf("writing snapshot: %w", err)
	}
	sections := maps.Clone(state.Years)
	sections[""] = state.Common
	for _, year := range slices.Sorted(maps.Keys(sections)) {
		if err := s.section(ctx, &m, year, sections[year]); err != nil {
			return fmt.Errorf("writing snapshot: %w", err)
		}
	}
	crashpoint.Hit("snapshot.manifest.before")
	value, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encoding manifest: %w", err)
	}
	if err := s.put(ctx, "manifest/"+m.ID, value); err != nil {
		return fmt.Errorf("writing manifest: %w", err)
	}
	crashpoint.Hit("snapshot.manifest.after")
	s.known = append(s.known, m)
	if err := s.verify(ctx, m.ID, from); err != nil {
		return err
	}
	return s.prune(ctx)
}

func (s *snapshots) section(ctx context.Context, m *manifest, year string, plain []byte) error {
	key, err := s.Keys.State(year)
	if err != nil {
		return err
	}
	sealed, err := key.Encrypt(plain, s.context(m.ID, year))
	if err != nil {
		return fmt.Errorf("sealing: %w", err)
	}
	m.Sections[year] = ledger.HashOf(sealed)
	for i, chunk := range kafka.SplitBlob(m.ID+"/"+year, sealed) {
		name := m.ID + "/" + year + "/" + strconv.Itoa(i)
		if err := s.put(ctx, name, chunk); err != nil {
			return err
		}
		m.Keys = append(m.Keys, name)
		crashpoint.Hit("snapshot.chunk")
	}
	return nil
}

// context binds a section to its place.
func (s *snapshots) context(id, year string) []byte {
	return fmt.Appendf(nil, "snapshot %d %s %s", s.assignment.Partition, id, year)
}

func (s *snapshots) put(ctx context.Context, key string, value []byte) error {
	return s.Kafka.ProduceKeyed(ctx, topics.Cohorts, s.assignment.Partition, []byte(key), value)
}

// restore returns the state of the complete snapshot with the highest offset,
// or the empty state when there is none.
func (s *snapshots) restore(ctx context.Context) (*cohort.Partition, error) {
	sealed, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range slices.Backward(s.known) {
		state, err := s.open(m, sealed)
		var p *cohort.Partition
		if err == nil {
			p, err = cohort.Restore(s.Env, state)
		}
		if err == nil {
			s.verified[m.ID] = true
			return p, nil
		}
		if errors.Is(err, cohort.ErrConfig) {
			return p, err // folded under other rules: not ours to skip
		}
		s.Log.Warn("snapshot not usable, trying an older one",
			"partition", s.assignment.Partition, "offset", m.Next, "error", err)
	}
	if len(s.known) > 0 {
		return nil, errors.New("no snapshot of the partition can be opened")
	}
	return cohort.NewPartition(s.Env), nil
}

// read collects all of the partition's snapshots and returns their sealed
// sections.
func (s *snapshots) read(ctx context.Context) (map[string][]byte, error) {
	sealed, found, err := s.collect(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("reading snapshots: %w", err)
	}
	s.known = slices.SortedFunc(maps.Values(found), func(a, b manifest) int { return cmp.Compare(a.Next, b.Next) })
	return sealed, nil
}

// collect returns the sealed sections and the manifests in the partition from
// an offset on.
func (s *snapshots) collect(ctx context.Context, from int64) (sealed map[string][]byte, found map[string]manifest, err error) {
	var a kafka.Assembler
	sealed, found = map[string][]byte{}, map[string]manifest{}
	_, err = s.Kafka.ReadAll(ctx, topics.Cohorts, s.assignment.Partition, from, func(r kafka.Record) error {
		if id, ok := strings.CutPrefix(string(r.Key), "manifest/"); ok {
			var m manifest
			if len(r.Value) == 0 {
				delete(found, id)
			} else if err := json.Unmarshal(r.Value, &m); err == nil {
				found[id] = m
			}
			return nil
		}
		if name, payload, complete, err := a.Add(r.Value); err == nil && complete {
			sealed[name] = payload
		}
		return nil
	})
	return sealed, found, err
}

// open verifies and opens every section of a snapshot but those of years whose
// keys are destroyed.
func (s *snapshots) open(m manifest, sealed map[string][]byte) (cohort.Snapshot, error) {
	state := cohort.Snapshot{Years: map[string][]byte{}}
	for year, want := range m.Sections {
		section, ok := sealed[m.ID+"/"+year]
		if !ok || ledger.HashOf(section) != want {
			return state, fmt.Errorf("section %q is missing or damaged", year)
		}
		key, err := s.Keys.State(year)
		if errors.Is(err, keys.ErrDestroyed) {
			continue
		}
		if err != nil {
			return state, err
		}
		plain, err := key.Decrypt(section, s.context(m.ID, year))
		if err != nil {
			return state, fmt.Errorf("section %q: %w", year, err)
		}
		if year == "" {
			state.Common = plain
		} else {
			state.Years[year] = plain
		}
	}
	return state, nil
}
