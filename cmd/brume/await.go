package main

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"time"

	"brume/cmd/internal/attach"
	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/topics"
)

// awaitReleases waits until the wanted releases are made and loaded, and returns
// how many are. Without a running process there is nothing to wait for: they are
// released when it starts.
func awaitReleases(ctx context.Context, data *attach.Data, windows []policy.Window, limit time.Duration) (int, error) {
	want := map[string]bool{}
	for _, w := range windows {
		want[string(policy.ReleaseID(w))] = true
	}
	deadline := time.Now().Add(limit)
	for {
		loaded, err := loadedReleases(ctx, data.Kafka, want)
		if err != nil {
			return 0, err
		}
		switch {
		case loaded == len(want) || !data.Live() || limit == 0:
			return loaded, nil
		case time.Now().After(deadline):
			return loaded, fmt.Errorf("after %s, %d of %d releases are loaded; the windows are closed and the rest will follow", limit, loaded, len(want))
		}
		select {
		case <-ctx.Done():
			return loaded, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// loadedReleases counts the wanted releases that the loads topic names.
func loadedReleases(ctx context.Context, client *kafka.Client, want map[string]bool) (int, error) {
	found := map[string]bool{}
	_, err := client.ReadAll(ctx, topics.Loads, 0, 0, func(r kafka.Record) error {
		var load ledger.Load
		if err := json.Unmarshal(r.Value, &load); err != nil {
			return fmt.Errorf("topic %s, offset %d: %w", topics.Loads, r.Offset, err)
		}
		if want[load.Release] {
			found[load.Release] = true
		}
		return nil
	})
	return len(found), err
}
