// Package chain reads the ledger topic and remembers what was seen of it.
package chain

import (
	"context"
	"fmt"

	"brume/internal/durable"
	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/topics"
)

// Follower returns a reader of the ledger topic that remembers, through pin,
// what it has seen.
func Follower(client *kafka.Client, verifier ledger.Verifier, pin ledger.Memory) *ledger.Follower {
	return ledger.NewFollower(func(ctx context.Context, from int64, fn func([]byte) error) (int64, error) {
		next, err := client.ReadAll(ctx, topics.Ledger, 0, from, func(r kafka.Record) error { return fn(r.Value) })
		if err != nil {
			err = fmt.Errorf("topic %s: %w", topics.Ledger, err)
		}
		return next, err
	}, verifier, pin)
}

// PinFile is a file that remembers a ledger's head.
type PinFile string

// Load returns the remembered head, or the zero Pin.
func (f PinFile) Load() (p ledger.Pin, err error) {
	err = durable.ReadJSON(string(f), &p)
	return p, err
}

// Store remembers a head; it is durable before it returns.
func (f PinFile) Store(p ledger.Pin) error { return durable.WriteJSON(string(f), p) }
