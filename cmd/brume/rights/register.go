package rights

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"brume/internal/kafka"
	"brume/schemas/control"
	"brume/schemas/topics"
)

// registerPartition is the one that entries of the register are signed for:
// every log has it.
const registerPartition = 0

// Entry is one request in the register: no identifier, and a token that nobody
// can tie to a person once the year's keys are destroyed.
type Entry struct {
	Kind   string    `json:"kind"`
	Year   string    `json:"year"`
	Token  string    `json:"token"`
	Issued time.Time `json:"issued"`

	record control.Record
}

// Verifier authenticates control records.
type Verifier interface {
	Open(value []byte, partition int) (control.Record, error)
}

// ErrRegister means that somebody else than the operator wrote to the register.
var ErrRegister = errors.New("not an entry of the register")

// Register returns the requests that were made since a time, oldest first. It
// holds them as the operator signed them, and refuses any other.
func Register(ctx context.Context, client *kafka.Client, verifier Verifier, since time.Time) ([]Entry, error) {
	entries := []Entry{}
	_, err := client.ReadAll(ctx, topics.Requests, 0, 0, func(r kafka.Record) error {
		record, err := verifier.Open(r.Value, registerPartition)
		if err != nil || record.Kind != control.Object && record.Kind != control.Erase {
			return fmt.Errorf("offset %d: %w", r.Offset, ErrRegister)
		}
		if !record.Issued.Before(since) {
			entries = append(entries, entryOf(record))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the register of requests: %w", err)
	}
	return entries, nil
}

func entryOf(r control.Record) Entry {
	return Entry{r.Kind.String(), r.Year, hex.EncodeToString(r.Token[:]), r.Issued, r}
}
