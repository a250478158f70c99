package main

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"slices"
	"time"

	"brume/cmd/internal/attach"
	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/topics"
)

// awaited is what became of the releases that a command waited for.
type awaited struct{ Loaded, Never int }

// awaitReleases waits until each of the wanted releases is made and loaded, or
// never comes because the year's streams have ended. Without a running process
// there is nothing to wait for: they are released when it starts.
func awaitReleases(ctx context.Context, data *attach.Data, windows []policy.Window, limit time.Duration) (got awaited, err error) {
	deadline := time.Now().Add(limit)
	for {
		loaded, err := loadedReleases(ctx, data.Kafka)
		if err != nil {
			return got, err
		}
		missing := slices.DeleteFunc(slices.Clone(windows), func(w policy.Window) bool { return loaded[string(policy.ReleaseID(w))] })
		got.Loaded = len(windows) - len(missing)
		if got.Never, err = ended(ctx, data, missing); err != nil {
			return got, err
		}
		switch {
		case got.Never == len(missing) || !data.Live() || limit == 0:
			return got, nil
		case time.Now().After(deadline):
			return got, fmt.Errorf("after %s, %d of %d releases are loaded; the windows are closed and the rest will follow",
				limit, got.Loaded, len(windows)-got.Never)
		}
		select {
		case <-ctx.Done():
			return got, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// ended counts the steps of year streams that are never released, because a
// partition lost statements: the gate destroys their keys and commits nothing.
func ended(ctx context.Context, data *attach.Data, missing []policy.Window) (never int, err error) {
	store, err := data.OpenKeys()
	if err != nil {
		return 0, err
	}
	if data.ReleaseKeys != "" {
		if err := store.ReleasesIn(data.ReleaseKeys); err != nil {
			return 0, err
		}
	}
	var destroyed []string
	for _, w := range missing {
		id := string(policy.ReleaseID(w))
		gone, err := store.ReleaseDestroyed(id)
		if err != nil {
			return 0, err
		}
		if gone && w.Cadence == policy.YearStream {
			destroyed = append(destroyed, id)
		}
	}
	if len(destroyed) == 0 {
		return 0, nil
	}
	l, err := readLedger(ctx, data) // after the keys: what is released is committed before
	if err != nil {
		return 0, err
	}
	for _, e := range l.Entries {
		if e.Committed != nil {
			destroyed = slices.DeleteFunc(destroyed, func(id string) bool { return id == e.Reserved.Release })
		}
	}
	return len(destroyed), nil
}

// loadedReleases returns the releases that the loads topic names.
func loadedReleases(ctx context.Context, client *kafka.Client) (map[string]bool, error) {
	found := map[string]bool{}
	_, err := client.ReadAll(ctx, topics.Loads, 0, 0, func(r kafka.Record) error {
		var load ledger.Load
		if err := json.Unmarshal(r.Value, &load); err != nil {
			return fmt.Errorf("topic %s, offset %d: %w", topics.Loads, r.Offset, err)
		}
		found[load.Release] = true
		return nil
	})
	return found, err
}
