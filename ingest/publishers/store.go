package publishers

import (
	"context"
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
	Rate    *rate.Limiter    // what the key has left; nil: any rate
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
	sight    sight
	mappings mappings // these two are Run's own
	limiters limiters
}

// NewStore prepares a store; Run fills it.
func NewStore(deps Deps) *Store {
	if deps.Now == nil {
		deps.Now = time.Now
	}
	s := &Store{deps: deps}
	s.sight.seen(deps.Now()) // nobody is admitted before the topic is read
	return s
}

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
	var all state
	changed := false
	begin := func(int64) { all, changed = newState(), true }
	take := func(records []kafka.Record, current bool) {
		s.apply(all, records)
		changed = changed || len(records) > 0
		if !current {
			return // until then the keys that are live stay so
		}
		if changed {
			s.publish(all)
			changed = false
		}
		s.sight.seen(s.deps.Now())
	}
	err := s.deps.Kafka.Follow(ctx, topics.Publishers, 0, begin, take)
	if err != nil {
		return fmt.Errorf("following the publishers: %w", err)
	}
	return nil
}

// apply goes on after a record that does not decode: it must not lock out all
// other publishers. It is logged by offset.
func (s *Store) apply(all state, records []kafka.Record) {
	for _, rec := range records {
		if _, err := all.apply(rec); err != nil {
			s.deps.Log.Error("publisher record left out", "err", err)
		}
	}
}
