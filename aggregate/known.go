package aggregate

import (
	"context"
	"fmt"

	"brume/schemas/release"
)

// loaded is what published.releases says of one release.
type loaded struct {
	hash  string
	whole bool // all recorded cells and estimates are present
}

func (l *Loader) loaded(ctx context.Context) (map[release.ID]loaded, error) {
	rows, err := l.ch.Query(ctx, sqlText("loaded_releases"))
	if err != nil {
		return nil, fmt.Errorf("reading loaded releases: %w", err)
	}
	defer rows.Close()
	all := map[release.ID]loaded{}
	for rows.Next() {
		var id, hash string
		var whole bool
		if err := rows.Scan(&id, &hash, &whole); err != nil {
			return nil, fmt.Errorf("reading loaded releases: %w", err)
		}
		all[release.ID(id)] = loaded{hash, whole}
	}
	return all, rows.Err()
}

// Loaded returns the releases that are fully loaded, with their hashes: what
// an auditor compares with the ledger.
func (l *Loader) Loaded(ctx context.Context) (map[release.ID]string, error) {
	all, err := l.loaded(ctx)
	if err != nil {
		return nil, err
	}
	hashes := map[release.ID]string{}
	for id, row := range all {
		if row.whole {
			hashes[id] = row.hash
		}
	}
	return hashes, nil
}

// CheckKnown returns ErrUnknown when any published table names a release that
// is not among the known ones, and ErrConflict when it holds one under another
// hash: the sign of a lost ledger or of a foreign writer. The caller MUST stop.
func (l *Loader) CheckKnown(ctx context.Context, known map[release.ID][32]byte) error {
	rows, err := l.ch.Query(ctx, sqlText("named_releases"))
	if err != nil {
		return fmt.Errorf("checking known releases: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, hash string
		if err := rows.Scan(&id, &hash); err != nil {
			return fmt.Errorf("checking known releases: %w", err)
		}
		want, ok := known[release.ID(id)]
		if !ok {
			return fmt.Errorf("release %s: %w", id, ErrUnknown)
		}
		if hash != "" && hash != hexOf(want) {
			return fmt.Errorf("release %s: %w", id, ErrConflict)
		}
	}
	return rows.Err()
}
