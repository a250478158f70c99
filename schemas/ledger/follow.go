package ledger

import (
	"context"
	"errors"
	"fmt"
)

// ErrForked is the alarm of a reader whose ledger is shorter than, or differs
// from, what it has seen before.
var ErrForked = errors.New("ledger is not the one seen before")

// ReadLog calls fn with each value of the ledger topic from an offset up to
// the end as it stands, and returns the offset after the last.
type ReadLog func(ctx context.Context, from int64, fn func(value []byte) error) (next int64, err error)

// Memory remembers across restarts the last position that was seen.
// Store MUST be durable before it returns.
type Memory interface {
	Load() (Pin, error) // the zero Pin when nothing was seen yet
	Store(Pin) error
}

// Follower reads the ledger and keeps its Chain. It is not safe for
// concurrent use.
type Follower struct {
	Chain    Chain
	read     ReadLog
	verifier Verifier
	memory   Memory
	next     int64
	known    Pin
	started  bool
	Invalid  int // records read that were not valid
}

// NewFollower returns a follower at the beginning of the log.
func NewFollower(read ReadLog, verifier Verifier, memory Memory) *Follower {
	return &Follower{read: read, verifier: verifier, memory: memory}
}

// Sync reads what was appended since the last call. It MUST be called before
// the Chain is relied upon. A ledger that does not contain the position
// remembered from earlier runs is refused with ErrForked.
func (f *Follower) Sync(ctx context.Context) error {
	if !f.started {
		known, err := f.memory.Load()
		if err != nil {
			return fmt.Errorf("reading the remembered ledger head: %w", err)
		}
		f.known, f.started = known, true
	}
	next, err := f.read(ctx, f.next, f.apply)
	if err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	f.next = next
	if f.Chain.sequence < f.known.Sequence {
		return fmt.Errorf("%w: it ends at record %d, record %d was seen", ErrForked, f.Chain.sequence, f.known.Sequence)
	}
	if pin := f.Chain.Pin(); pin != f.known {
		if err := f.memory.Store(pin); err != nil {
			return fmt.Errorf("remembering the ledger head: %w", err)
		}
		f.known = pin
	}
	return nil
}

func (f *Follower) apply(value []byte) error {
	r, err := Decode(value, f.verifier)
	if err == nil {
		err = f.Chain.Apply(r, value)
	}
	if err != nil {
		f.Invalid++ // not valid: every reader skips it
		return nil
	}
	if f.Chain.sequence == f.known.Sequence && f.Chain.head != f.known.Head {
		return fmt.Errorf("%w: record %d differs", ErrForked, f.known.Sequence)
	}
	return nil
}
