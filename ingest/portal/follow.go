package portal

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

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

// retry is how long Run waits after the brokers did not answer.
const retry = time.Second

// Run follows the topic until ctx ends. When records are missing, because the
// topic forgot them while they were being read or was made anew, it begins
// again.
func (f *Follower) Run(ctx context.Context) error {
	for {
		err := f.follow(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, kafka.ErrUnavailable), errors.Is(err, kafka.ErrRewound), errors.Is(err, kafka.ErrGap):
			f.log.Warn("following the topic quality", "err", err)
		default:
			return fmt.Errorf("following the topic quality: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(retry):
		}
	}
}

func (f *Follower) follow(ctx context.Context) error {
	f.read.Store(false)
	f.history.reset()
	first, end, err := f.client.Offsets(ctx, topics.Quality, 0)
	if err != nil {
		return err
	}
	f.read.Store(first == end)
	tail, err := f.client.Tail(ctx, topics.Quality, 0, first)
	if err != nil {
		return err
	}
	defer tail.Close()
	for {
		records, err := tail.Next(ctx)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := f.history.apply(r.Value, first == 0); err != nil {
				f.log.Warn("record of the topic quality left out", "offset", r.Offset)
			}
		}
		if tail.Offset() >= end {
			f.read.Store(true)
		}
	}
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
