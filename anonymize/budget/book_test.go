package budget

import (
	"context"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"brume/schemas/ledger"
)

type edKey struct{ private ed25519.PrivateKey }

func (k edKey) Sign(data []byte) ([]byte, error) { return ed25519.Sign(k.private, data), nil }

func (k edKey) Verify(signature, data []byte) error {
	if !ed25519.Verify(k.private.Public().(ed25519.PublicKey), data, signature) {
		return errors.New("forged")
	}
	return nil
}

// logged is an append-only log shared by several books; repeat writes every
// value twice, as an ambiguous acknowledgement does.
type logged struct {
	values [][]byte
	repeat bool
}

func (l *logged) read(_ context.Context, from int64, fn func([]byte) error) (int64, error) {
	for _, v := range l.values[from:] {
		if err := fn(v); err != nil {
			return from, err
		}
	}
	return int64(len(l.values)), nil
}

func (l *logged) append(_ context.Context, value []byte) error {
	l.values = append(l.values, value)
	if l.repeat {
		l.values = append(l.values, value)
	}
	return nil
}

type forgetful struct{}

func (forgetful) Load() (ledger.Pin, error) { return ledger.Pin{}, nil }
func (forgetful) Store(ledger.Pin) error    { return nil }

var key = edKey{ed25519.NewKeyFromSeed(make([]byte, 32))}

func (l *logged) book() *Book {
	return NewBook(ledger.NewFollower(l.read, key, forgetful{}), l.append, key, func() time.Time { return time.Unix(0, 0) })
}

// synced returns a fresh book that has read the log.
func (l *logged) synced(t *testing.T) *Book {
	t.Helper()
	b := l.book()
	if err := b.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

var (
	year    = ledger.Year{Name: "2026-2027", LimitNano: 10, Facts: ledger.Facts{Partitions: 1}}
	charge  = ledger.Reserved{Release: "r1", Year: year.Name, Window: "w1", Inputs: []ledger.Hash{{1}}, Costs: []ledger.Cost{{Family: "f", Zone: "A", Nano: 7}}}
	another = ledger.Reserved{Release: "r1", Year: year.Name, Window: "w1", Inputs: []ledger.Hash{{2}}, Costs: charge.Costs}
)

func open(t *testing.T, l *logged) *Book {
	t.Helper()
	b := l.book()
	if err := b.OpenYear(t.Context(), year); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestASuccessorAdoptsWithoutASecondCharge(t *testing.T) {
	l := &logged{repeat: true}
	first, err := open(t, l).Reserve(t.Context(), charge)
	if err != nil {
		t.Fatal(err)
	}
	successor := open(t, l)
	second, err := successor.Reserve(t.Context(), charge)
	if err != nil {
		t.Fatal(err)
	}
	if got := successor.Chain.Spent(year.Name); got != 7 {
		t.Errorf("spent %d, want 7: one charge", got)
	}
	for i, token := range []*Token{first, second} {
		if err := token.Redeem("r2"); !errors.Is(err, ErrSpent) {
			t.Errorf("token %d, another release: got %v, want ErrSpent", i, err)
		}
		if err := token.Redeem("r1"); err != nil {
			t.Errorf("token %d: %v", i, err)
		}
		if err := token.Redeem("r1"); !errors.Is(err, ErrSpent) {
			t.Errorf("token %d, again: got %v, want ErrSpent", i, err)
		}
	}
}

func TestOtherInputsAreNotAdopted(t *testing.T) {
	l := &logged{}
	if _, err := open(t, l).Reserve(t.Context(), charge); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, l).Reserve(t.Context(), another); !errors.Is(err, ErrInputs) {
		t.Errorf("got %v, want ErrInputs", err)
	}
}

func TestOneCommitmentWins(t *testing.T) {
	l := &logged{}
	a, b := open(t, l), open(t, l)
	for _, book := range []*Book{a, b} {
		if _, err := book.Reserve(t.Context(), charge); err != nil {
			t.Fatal(err)
		}
	}
	commit := func(b *Book, draft string) ledger.Committed {
		c, err := b.Commit(t.Context(), ledger.Committed{Release: "r1", Draft: draft, DraftKey: []byte{1}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if won, lost := commit(a, "a"), commit(b, "b"); won.Draft != "a" || lost.Draft != "a" {
		t.Errorf("drafts %q and %q, want the first for both", won.Draft, lost.Draft)
	}
	if _, err := b.Reserve(t.Context(), charge); !errors.Is(err, ledger.ErrTwice) {
		t.Errorf("reserving what is committed: got %v, want ErrTwice", err)
	}
}

func TestFactsAreFixedForTheYear(t *testing.T) {
	l := &logged{}
	open(t, l)
	changed := year
	changed.Facts.Pseudonym = ledger.Hash{1}
	if err := l.book().OpenYear(t.Context(), changed); !errors.Is(err, ledger.ErrYear) {
		t.Errorf("got %v, want ErrYear", err)
	}
}

func TestOverspendingIsRefused(t *testing.T) {
	l := &logged{}
	b := open(t, l)
	if _, err := b.Reserve(t.Context(), charge); err != nil {
		t.Fatal(err)
	}
	more := charge
	more.Release, more.Window = "r2", "w2"
	if _, err := b.Reserve(t.Context(), more); !errors.Is(err, ledger.ErrOverspent) {
		t.Errorf("got %v, want ErrOverspent", err)
	}
}

func TestABookWithTheWrongKeyGivesUp(t *testing.T) {
	l := &logged{}
	stranger := edKey{ed25519.NewKeyFromSeed(append(make([]byte, 31), 1))}
	b := NewBook(ledger.NewFollower(l.read, key, forgetful{}), l.append, stranger, time.Now)
	if err := b.OpenYear(t.Context(), year); err == nil {
		t.Error("accepted")
	}
}

// A stream's charge cannot be another plan's: the noise that goes on was bought
// at the first step.
func TestAStreamKeepsItsPrice(t *testing.T) {
	l := &logged{}
	step := charge
	step.Streams, step.Step = []string{"f"}, 1
	if _, err := open(t, l).Reserve(t.Context(), step); err != nil {
		t.Fatal(err)
	}
	noise := []ledger.Noise{{Family: "f"}}
	if _, err := l.synced(t).Commit(t.Context(), ledger.Committed{Release: "r1", Draft: "d", DraftKey: []byte{1}, Noise: noise}); err != nil {
		t.Fatal(err)
	}
	step.Release, step.Window, step.Step, step.Costs = "r2", "w2", 2, []ledger.Cost{{Family: "f", Zone: "A", Nano: 1}}
	if _, err := l.synced(t).Reserve(t.Context(), step); !errors.Is(err, ErrStream) {
		t.Errorf("got %v, want ErrStream", err)
	}
	step.Costs = charge.Costs
	if _, err := l.synced(t).Reserve(t.Context(), step); err != nil {
		t.Error(err)
	}
	if got := l.synced(t).Chain.Spent(year.Name); got != 7 {
		t.Errorf("spent %d, want 7: one charge", got)
	}
}
