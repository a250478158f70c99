package publishers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"brume/ingest/publishers/tokens"
	"brume/internal/kafka"
	"brume/schemas/mapping"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// Publisher is whom a request comes from, by which of its keys.
type Publisher struct {
	Name    string
	Number  uint16
	Mapping *mapping.Mapping // nil: this instance cannot use it
	Key     string           // the id of the key that the request came with
	Line    string           // what the keys that replace each other share, within the publisher
	Sandbox bool             // checked and counted, never folded
	Limits  Limits           // of the key, resolved

	rate *rate.Limiter // nil: any rate
}

// Deps are the parts that a store works with.
type Deps struct {
	Kafka    *kafka.Client
	Registry *registry.Registry // finds the schools and tools that keys are bound to
	Tokens   *tokens.Verifier   // nil: no access token is accepted
	Log      *slog.Logger
	Now      func() time.Time // nil: time.Now
}

// Store follows the registry. It is safe for concurrent use.
type Store struct {
	deps     Deps
	live     atomic.Pointer[live] // nil until the topic is read once
	mappings mappings             // these two are Run's own
	limiters limiters
}

// NewStore prepares a store; Run fills it.
func NewStore(deps Deps) *Store {
	if deps.Now == nil {
		deps.Now = time.Now
	}
	return &Store{deps: deps}
}

// retry is how long Run waits after the brokers did not answer.
const retry = time.Second

// Run reads the topic and follows it until ctx ends, and keeps the keys of the
// identity server fresh.
func (s *Store) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var fetching sync.WaitGroup
	defer fetching.Wait()
	defer cancel()
	if s.deps.Tokens != nil {
		fetching.Go(func() { s.deps.Tokens.Run(ctx) })
	}
	for {
		err := s.follow(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, kafka.ErrUnavailable), errors.Is(err, kafka.ErrRewound):
			s.deps.Log.Warn("following the publishers", "err", err)
		default:
			return fmt.Errorf("following the publishers: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(retry):
		}
	}
}

// follow reads the topic from its beginning and then whatever comes.
func (s *Store) follow(ctx context.Context) error {
	all := newState()
	first, _, err := s.deps.Kafka.Offsets(ctx, topics.Publishers, 0)
	if err != nil {
		return err
	}
	next, err := s.deps.Kafka.ReadAll(ctx, topics.Publishers, 0, first, s.lenient(all))
	if err != nil {
		return err
	}
	s.publish(all)
	tail, err := s.deps.Kafka.Tail(ctx, topics.Publishers, 0, next)
	if err != nil {
		return err
	}
	defer tail.Close()
	for {
		records, err := tail.Next(ctx)
		if err != nil {
			return err
		}
		for _, rec := range records {
			_ = s.lenient(all)(rec) // never fails
		}
		s.publish(all)
	}
}

// lenient goes on after a record that does not decode: it must not lock out
// all other publishers. It is logged by offset.
func (s *Store) lenient(all state) func(kafka.Record) error {
	return func(rec kafka.Record) error {
		if _, err := all.apply(rec); err != nil {
			s.deps.Log.Error("publisher record left out", "err", err)
		}
		return nil
	}
}

// Ready says whether the registry was read.
func (s *Store) Ready() error {
	if s.live.Load() == nil {
		return ErrNotReady
	}
	return nil
}
