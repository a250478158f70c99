package privacy

import (
	"context"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"brume/anonymize/budget"
	"brume/schemas/ledger"
)

type signature struct{}

var private = ed25519.NewKeyFromSeed(make([]byte, 32))

func (signature) Sign(data []byte) ([]byte, error) { return ed25519.Sign(private, data), nil }
func (signature) Verify(sig, data []byte) error {
	if !ed25519.Verify(private.Public().(ed25519.PublicKey), data, sig) {
		return errors.New("forged")
	}
	return nil
}

type forgetful struct{}

func (forgetful) Load() (ledger.Pin, error) { return ledger.Pin{}, nil }
func (forgetful) Store(ledger.Pin) error    { return nil }

// book is the year's ledger, in memory.
func (w *world) book(t testing.TB) *budget.Book {
	t.Helper()
	var log [][]byte
	follower := ledger.NewFollower(func(_ context.Context, from int64, fn func([]byte) error) (int64, error) {
		for _, v := range log[from:] {
			if err := fn(v); err != nil {
				return 0, err
			}
		}
		return int64(len(log)), nil
	}, signature{}, forgetful{})
	book := budget.NewBook(follower, func(_ context.Context, v []byte) error { log = append(log, v); return nil }, signature{}, time.Now)
	p := w.plan.Policy
	err := book.OpenYear(context.Background(), ledger.Year{
		Name: p.SchoolYear, Plan: w.plan.PolicyHash, Registry: w.reg.Hash(), Epsilon: p.Epsilon, Delta: p.Delta,
		LimitNano: w.plan.LimitNano, Facts: ledger.Facts{Partitions: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	return book
}
