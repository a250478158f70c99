package anonymize

import (
	"context"
	"errors"
	"fmt"

	"brume/internal/crashpoint"
)

// keepSnapshots is how many complete snapshots stay; an older one is deleted
// only after that many newer ones were read back and opened.
const keepSnapshots = 2

// verify reads a snapshot that was written from an offset on, as restore would.
func (s *snapshots) verify(ctx context.Context, id string, from int64) error {
	sealed, found, err := s.collect(ctx, from)
	if err == nil {
		_, err = s.open(found[id], sealed)
	}
	if _, ok := found[id]; err == nil && !ok {
		err = errors.New("its manifest is not there")
	}
	if err != nil {
		return fmt.Errorf("reading the snapshot back: %w", err)
	}
	s.verified[id] = true
	return nil
}

// prune deletes the snapshots that enough newer, verified ones replace.
func (s *snapshots) prune(ctx context.Context) error {
	for len(s.known) > 0 && s.replaced(s.known[1:]) {
		for _, key := range append([]string{"manifest/" + s.known[0].ID}, s.known[0].Keys...) {
			if err := s.put(ctx, key, nil); err != nil {
				return fmt.Errorf("deleting an old snapshot: %w", err)
			}
			crashpoint.Hit("snapshot.delete")
		}
		delete(s.verified, s.known[0].ID)
		s.known = s.known[1:]
	}
	return nil
}

// replaced says whether enough of the snapshots are verified.
func (s *snapshots) replaced(newer []manifest) bool {
	n := 0
	for _, m := range newer {
		if s.verified[m.ID] {
			n++
		}
	}
	return n >= keepSnapshots
}
