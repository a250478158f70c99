package publishers

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"brume/internal/kafka"
	"brume/schemas/mapping"
	"brume/schemas/topics"
)

// Publisher is whom a request comes from.
type Publisher struct {
	Name    string
	Number  uint16
	Mapping *mapping.Mapping // nil: this instance does not have it
	Key     string           // the id of the key that the request came with
	Sandbox bool             // its statements are checked and counted, never folded
}

// The answers of Authenticate.
var (
	ErrDenied   = errors.New("unknown key or wrong secret")
	ErrNotReady = errors.New("the registry of publishers is not read yet")
)

// Store follows the registry. It is safe for concurrent use.
type Store struct {
	client *kafka.Client
	log    *slog.Logger
	live   atomic.Pointer[map[string]liveKey] // nil until the topic is read once
}

type liveKey struct {
	publisher Publisher
	digest    [sha256.Size]byte
}

// NewStore prepares a store; Run fills it.
func NewStore(client *kafka.Client, log *slog.Logger) *Store {
	return &Store{client: client, log: log}
}

// retry is how long Run waits after the brokers did not answer.
const retry = time.Second

// Run reads the topic and follows it until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	for {
		err := s.follow(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, kafka.ErrUnavailable), errors.Is(err, kafka.ErrRewound):
			s.log.Warn("following the publishers", "err", err)
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
	all := newRegistry()
	first, _, err := s.client.Offsets(ctx, topics.Publishers, 0)
	if err != nil {
		return err
	}
	next, err := s.client.ReadAll(ctx, topics.Publishers, 0, first, s.lenient(all))
	if err != nil {
		return err
	}
	s.publish(all)
	tail, err := s.client.Tail(ctx, topics.Publishers, 0, next)
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

// lenient skips a record that does not decode: it must not lock out all other
// publishers. It is logged by offset.
func (s *Store) lenient(all registry) func(kafka.Record) error {
	return func(rec kafka.Record) error {
		if err := all.apply(rec); err != nil {
			s.log.Error("publisher record left out", "err", err)
		}
		return nil
	}
}

func (s *Store) publish(all registry) {
	live := make(map[string]liveKey, LiveKeys*len(all.records))
	for _, r := range all.records {
		m, err := mapping.Shipped(r.Mapping)
		if err != nil {
			s.log.Error("publisher has a mapping that this instance does not have", "publisher", r.Name)
		}
		for _, k := range r.Keys {
			entry := liveKey{publisher: Publisher{Name: r.Name, Number: r.Number, Mapping: m, Key: k.ID}}
			if n, err := hex.Decode(entry.digest[:], []byte(k.SHA256)); err != nil || n != sha256.Size || len(k.SHA256) != 2*sha256.Size {
				s.log.Error("publisher key left out: not a SHA-256", "publisher", r.Name, "key_id", k.ID)
				continue
			}
			live[k.ID] = entry
		}
	}
	s.live.Store(&live)
}

// Ready says whether the registry was read.
func (s *Store) Ready() error {
	if s.live.Load() == nil {
		return ErrNotReady
	}
	return nil
}

// Authenticate returns the publisher of a request's live key, ErrDenied or
// ErrNotReady. It takes as long for an unknown key as for a wrong secret.
func (s *Store) Authenticate(r *http.Request) (Publisher, error) {
	live := s.live.Load()
	if live == nil {
		return Publisher{}, ErrNotReady
	}
	key, secret, _ := r.BasicAuth()
	entry, known := (*live)[key]
	digest := sha256.Sum256([]byte(secret))
	if subtle.ConstantTimeCompare(digest[:], entry.digest[:]) != 1 || !known {
		return Publisher{}, ErrDenied
	}
	return entry.publisher, nil
}
