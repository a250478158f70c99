package budget

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"brume/schemas/ledger"
)

// ErrInputs is the alarm of a gate whose exact sums, plan or costs differ from
// those that the ledger says were reserved.
var ErrInputs = errors.New("inputs differ from the reserved ones")

// ErrStream means that the plan asks another price for a year stream than what
// was paid for it. A changed stream needs a new name, and a charge of its own.
var ErrStream = errors.New("year stream was paid under another plan")

// ErrSpent means that a token was redeemed before, or for another release.
var ErrSpent = errors.New("token is not good for this release")

// maxAttempts bounds the race for the head of the ledger between gates.
const maxAttempts = 100

// Token is the right to draw the noise of one reserved release, once. Only
// Book.Reserve makes one that is good.
type Token struct {
	release string
	good    atomic.Bool
}

// Redeem uses the token up. It fails when the token was used, or was made for
// another release.
func (t *Token) Redeem(release string) error {
	if t == nil || release == "" || t.release != release || !t.good.CompareAndSwap(true, false) {
		return fmt.Errorf("release %s: %w", release, ErrSpent)
	}
	return nil
}

// Append adds a value to the ledger topic. It MUST return nil only after every
// in-sync replica holds it.
type Append func(ctx context.Context, value []byte) error

// Book is the ledger as its only writer sees it. Not safe for concurrent use.
type Book struct {
	*ledger.Follower
	append Append
	signer ledger.Signer
	now    func() time.Time
}

// NewBook returns a book over a follower of the same log.
func NewBook(f *ledger.Follower, append Append, signer ledger.Signer, now func() time.Time) *Book {
	return &Book{Follower: f, append: append, signer: signer, now: now}
}

// OpenYear records the year's plan, limit and fixed facts, unless the ledger
// already holds exactly these. Facts that differ are an error: the service
// MUST NOT start.
func (b *Book) OpenYear(ctx context.Context, year ledger.Year) error {
	return b.write(ctx, ledger.Record{Year: &year}, func() (bool, error) {
		open, ok := b.Chain.Year(year.Name)
		if ok && open.Facts != year.Facts {
			return false, fmt.Errorf("year %s: the ledger has other facts: %w", year.Name, ledger.ErrYear)
		}
		return ok && open == year, nil
	})
}

// Reserve charges a release, or adopts the reservation that a predecessor
// made with the same inputs, without a second charge. The plan and the costs
// MUST be the same, too: noise of another plan would be worth more than what
// was charged. Costs of year streams that an earlier step has paid are left
// out. The token it returns is the only one this call gives.
func (b *Book) Reserve(ctx context.Context, r ledger.Reserved) (*Token, error) {
	costs := r.Costs
	err := b.write(ctx, ledger.Record{Reserved: &r}, func() (done bool, err error) {
		if r.Costs, err = b.unpaid(r, costs); err != nil {
			return false, fmt.Errorf("reserving %s: %w", r.Release, err)
		}
		if _, done := b.Chain.Committed(r.Release); done {
			return false, fmt.Errorf("reserving %s: %w", r.Release, ledger.ErrTwice)
		}
		old, ok := b.Chain.Reserved(r.Release)
		if ok && !same(old, r) {
			return false, fmt.Errorf("reserving %s: %w", r.Release, ErrInputs)
		}
		return ok, nil
	})
	if err != nil {
		return nil, err
	}
	t := &Token{release: r.Release}
	t.good.Store(true)
	return t, nil
}

// unpaid leaves out the costs of year streams that an earlier step has paid.
func (b *Book) unpaid(r ledger.Reserved, costs []Cost) (due []Cost, err error) {
	for _, c := range costs {
		payer, begun := b.Chain.Stream(r.Year, c.Family)
		if !begun || payer == r.Release || !slices.Contains(r.Streams, c.Family) {
			due = append(due, c)
			continue
		}
		if paid, _ := b.Chain.Reserved(payer); !slices.Contains(paid.Costs, c) {
			return nil, fmt.Errorf("family %s: %w", c.Family, ErrStream)
		}
	}
	return due, nil
}

// Commit fixes the release's value, unless another gate has fixed one first.
// It returns the commitment that is valid: callers MUST act on that one only.
func (b *Book) Commit(ctx context.Context, c ledger.Committed) (ledger.Committed, error) {
	err := b.write(ctx, ledger.Record{Committed: &c}, func() (bool, error) {
		_, done := b.Chain.Committed(c.Release)
		return done, nil
	})
	won, _ := b.Chain.Committed(c.Release)
	return won, err
}

// write appends the record on the head until it stands in the chain as read
// back, or until settled says that the ledger already answers it.
func (b *Book) write(ctx context.Context, r ledger.Record, settled func() (bool, error)) error {
	for range maxAttempts {
		if err := b.Sync(ctx); err != nil {
			return err
		}
		if done, err := settled(); done || err != nil {
			return err
		}
		next := b.Chain.Next(r)
		next.Issued = b.now().Unix()
		if err := b.Chain.Check(next); err != nil {
			return err
		}
		value, err := ledger.Encode(next, b.signer)
		if err != nil {
			return err
		}
		if err := b.append(ctx, value); err != nil {
			return fmt.Errorf("appending to the ledger: %w", err)
		}
	}
	return errors.New("appending to the ledger: every attempt was overtaken or not valid as read back")
}

func same(a, b ledger.Reserved) bool {
	return a.Plan == b.Plan && slices.Equal(a.Costs, b.Costs) && slices.Equal(a.Inputs, b.Inputs) &&
		slices.Equal(a.Streams, b.Streams)
}
