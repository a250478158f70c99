package portal

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"log/slog"
	"sync/atomic"

	"brume/internal/kafka"
	"brume/schemas/quality"
	"brume/schemas/topics"
)

// Follower reads the topic quality into a history, from its beginning.
type Follower struct {
	client  *kafka.Client
	history *History
	log     *slog.Logger
	read    atomic.Bool // what was there at the start is read
}

// NewFollower prepares a follower; Run does the work.
func NewFollower(client *kafka.Client, history *History, log *slog.Logger) *Follower {
	return &Follower{client: client, history: history, log: log}
}

// Complete says whether the history holds all that was there at the start.
func (f *Follower) Complete() bool { return f.read.Load() }

// Run follows the topic until ctx ends. When records are missing, because the
// topic forgot them while they were being read or was made anew, it begins
// again.
func (f *Follower) Run(ctx context.Context) error {
	whole := false
	begin := func(first int64) {
		f.read.Store(false)
		f.history.reset()
		whole = first == 0
	}
	take := func(records []kafka.Record, current bool) {
		for _, r := range records {
			if err := f.history.apply(r.Value, whole); err != nil {
				f.log.Warn("record of the topic quality left out", "offset", r.Offset)
			}
		}
		if current {
			f.read.Store(true)
		}
	}
	if err := f.client.Follow(ctx, topics.Quality, 0, begin, take); err != nil {
		return fmt.Errorf("following the topic quality: %w", err)
	}
	return nil
}

// apply counts one record, of either service.
func (h *History) apply(value []byte, whole bool) error {
	var kind struct {
		Service string `json:"service"`
	}
	if err := json.Unmarshal(value, &kind); err != nil {
		return err
	}
	if kind.Service == quality.Service {
		var q quality.Folding
		if err := json.Unmarshal(value, &q); err != nil {
			return err
		}
		h.Folding(&q, whole)
		return nil
	}
	var q quality.Intake
	if err := json.Unmarshal(value, &q); err != nil {
		return err
	}
	h.Intake(&q)
	return nil
}
