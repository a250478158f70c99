package aggregate

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"log/slog"

	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/release"
	"brume/schemas/topics"
)

// Topics is the Source and the Noter that production uses: the releases topic,
// read beside the ledger, and the loads topic. It accepts no payload but the
// one that the ledger has committed. Not safe for concurrent use.
type Topics struct {
	kafka     *kafka.Client
	ledger    *ledger.Follower
	log       *slog.Logger
	tail      *kafka.Tail
	assembler kafka.Assembler
	given     map[string]bool
	waiting   []Committed
}

// NewTopics returns the topics seen from the first release.
func NewTopics(client *kafka.Client, follower *ledger.Follower, log *slog.Logger) *Topics {
	return &Topics{kafka: client, ledger: follower, log: log, given: map[string]bool{}}
}

// Known returns every release that the ledger has committed, with the hash of
// its payload.
func (t *Topics) Known(ctx context.Context) (map[release.ID][32]byte, error) {
	if err := t.ledger.Sync(ctx); err != nil {
		return nil, err
	}
	known := map[release.ID][32]byte{}
	for _, id := range t.ledger.Chain.Releases() {
		if c, ok := t.ledger.Chain.Committed(id); ok {
			known[release.ID(id)] = c.Payload
		}
	}
	return known, nil
}

// Next returns the next release of the topic, once each.
func (t *Topics) Next(ctx context.Context) (Committed, error) {
	if t.tail == nil {
		tail, err := t.kafka.Tail(ctx, topics.Releases, 0, 0)
		if err != nil {
			return Committed{}, fmt.Errorf("following topic %s: %w", topics.Releases, err)
		}
		t.tail = tail
	}
	for len(t.waiting) == 0 {
		records, err := t.tail.Next(ctx)
		if err != nil {
			return Committed{}, fmt.Errorf("reading topic %s: %w", topics.Releases, err)
		}
		for _, r := range records {
			if err := t.take(ctx, r); err != nil {
				return Committed{}, err
			}
		}
	}
	next := t.waiting[0]
	t.waiting = t.waiting[1:]
	return next, nil
}

// Close stops following.
func (t *Topics) Close() error {
	if t.tail == nil {
		return nil
	}
	return t.tail.Close()
}

func (t *Topics) take(ctx context.Context, r kafka.Record) error {
	name, payload, complete, err := t.assembler.Add(r.Value)
	if err != nil || !complete || t.given[name] {
		return err
	}
	if err := t.ledger.Sync(ctx); err != nil {
		return err
	}
	committed, ok := t.ledger.Chain.Committed(name)
	if !ok || committed.Payload != release.Hash(payload) {
		t.log.Error("release refused: the ledger has not committed it", "release", name, "offset", r.Offset)
		return nil
	}
	decoded, err := release.Decode(payload, committed.Payload)
	if err != nil {
		return fmt.Errorf("release %s: %w", name, err)
	}
	t.given[name] = true
	t.waiting = append(t.waiting, t.committed(*decoded, committed))
	return nil
}

func (t *Topics) committed(r release.Release, c ledger.Committed) Committed {
	pin := t.ledger.Chain.Pin()
	year, _ := t.ledger.Chain.Year(r.SchoolYear)
	return Committed{
		Release: r, Hash: c.Payload, LedgerSequence: pin.Sequence, LedgerHead: pin.Head,
		SpentNanoMu2: t.ledger.Chain.SpentWith(string(r.ID)), LimitNanoMu2: year.LimitNano,
	}
}

// Loaded notes a load. It returns only after every in-sync replica has it.
func (t *Topics) Loaded(ctx context.Context, id release.ID, hash [32]byte, sequence uint64, head [32]byte) error {
	value, err := json.Marshal(ledger.Load{
		Release: string(id), Payload: hash, Ledger: ledger.Pin{Sequence: sequence, Head: head},
	})
	if err != nil {
		return fmt.Errorf("encoding a load: %w", err)
	}
	return t.kafka.Produce(ctx, topics.Loads, 0, value)
}
