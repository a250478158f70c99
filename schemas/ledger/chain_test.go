package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

type edKey struct{ private ed25519.PrivateKey }

func newKey(seed byte) edKey {
	return edKey{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))}
}

func (k edKey) Sign(data []byte) ([]byte, error) { return ed25519.Sign(k.private, data), nil }

func (k edKey) Verify(signature, data []byte) error {
	if !ed25519.Verify(k.private.Public().(ed25519.PublicKey), data, signature) {
		return errors.New("forged")
	}
	return nil
}

// memoryLog is an append-only log in memory; keep cuts what readers see.
type memoryLog struct{ values [][]byte }

func (l *memoryLog) read(_ context.Context, from int64, fn func([]byte) error) (int64, error) {
	for _, v := range l.values[min(from, int64(len(l.values))):] {
		if err := fn(v); err != nil {
			return from, err
		}
	}
	return int64(len(l.values)), nil
}

type memoryPin struct{ pin Pin }

func (m *memoryPin) Load() (Pin, error) { return m.pin, nil }
func (m *memoryPin) Store(p Pin) error  { m.pin = p; return nil }

var (
	plan     = Hash{1}
	yearOpen = Record{Year: &Year{Name: "2026-2027", Plan: plan, LimitNano: 100, Facts: Facts{Partitions: 1}}}
)

func reservation(release, window string, nano int64) Record {
	return Record{Reserved: &Reserved{
		Release: release, Year: "2026-2027", Window: window, Plan: plan,
		Costs: []Cost{{"f", "A", nano}}, Inputs: []Hash{{9}},
	}}
}

func commitment(release string) Record {
	return Record{Committed: &Committed{Release: release, Draft: "d", DraftKey: []byte{1}}}
}

// step reserves a step of year stream f, and commits it.
func step(release string, nano int64) (reserved, committed Record) {
	reserved, committed = reservation(release, release, nano), commitment(release)
	reserved.Reserved.Streams, reserved.Reserved.Step = []string{"f"}, int(release[1]-'0')
	if nano == 0 {
		reserved.Reserved.Costs = nil
	}
	committed.Committed.Noise = []Noise{{Family: "f"}}
	return reserved, committed
}

func apply(t testing.TB, c *Chain, r Record) error {
	t.Helper()
	value, err := Encode(c.Next(r), newKey(1))
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(value, newKey(1))
	if err != nil {
		t.Fatal(err)
	}
	return c.Apply(back, value)
}

func TestChainRules(t *testing.T) {
	other := *yearOpen.Year
	other.Facts.Partitions = 2
	s1, n1 := step("s1", 60)
	s2, n2 := step("s2", 0)
	s3, _ := step("s3", 0)
	again, _ := step("s2", 1)
	stray := reservation("r1", "w1", 1)
	stray.Reserved.Streams, stray.Reserved.Step = []string{"g"}, 1
	next, less := *yearOpen.Year, *yearOpen.Year
	next.Plan, less.LimitNano = Hash{2}, 50
	changed, lowered := Record{Year: &next}, Record{Year: &less}
	anew := func(release, window string, nano int64) Record {
		r := reservation(release, window, nano)
		r.Reserved.Plan = next.Plan
		return r
	}
	nowhere, _ := step("s2", 0)
	nowhere.Reserved.Step = 0
	before, _ := step("s0", 0)
	before.Reserved.Step = 1
	tests := []struct {
		name string
		give []Record
		want error // of the last record
	}{
		{"a stream steps without a second charge", []Record{yearOpen, s1, n1, s2, n2, s3}, nil},
		{"a stream is charged once a year", []Record{yearOpen, s1, n1, again}, ErrTwice},
		{"a stream is charged first", []Record{yearOpen, s2}, ErrStep},
		{"a step needs the one before committed", []Record{yearOpen, s1, s2}, ErrStep},
		{"a changed plan is charged on top", []Record{yearOpen, reservation("r1", "w1", 60), changed, anew("r2", "w2", 40)}, nil},
		{"and not beyond the limit", []Record{yearOpen, reservation("r1", "w1", 60), changed, anew("r2", "w2", 41)}, ErrOverspent},
		{"nor twice for a window", []Record{yearOpen, reservation("r1", "w1", 60), changed, anew("r2", "w1", 1)}, ErrTwice},
		{"nor twice for a stream", []Record{yearOpen, s1, n1, changed, again}, ErrTwice},
		{"a stream goes on under a changed plan", []Record{yearOpen, s1, n1, changed, s2}, nil},
		{"a lower limit holds at once", []Record{yearOpen, reservation("r1", "w1", 60), lowered, reservation("r2", "w2", 1)}, ErrOverspent},
		{"a window of the plan before keeps it", []Record{yearOpen, changed, reservation("r1", "w1", 1)}, nil},
		{"an unknown plan is refused", []Record{yearOpen, anew("r1", "w1", 1)}, ErrYear},
		{"a plan does not come back", []Record{yearOpen, changed, yearOpen}, ErrYear},
		{"steps ascend", []Record{yearOpen, s1, n1, before}, ErrStep},
		{"a step has its place", []Record{yearOpen, s1, n1, nowhere}, ErrShape},
		{"a step charges its streams only", []Record{yearOpen, stray}, ErrShape},
		{"a step keeps its noise", []Record{yearOpen, s1, commitment("s1")}, ErrShape},
		{"a week has no noise to keep", []Record{yearOpen, reservation("s1", "w1", 1), n1}, ErrShape},
		{"a year opens", []Record{yearOpen}, nil},
		{"a year opens once", []Record{yearOpen, yearOpen}, ErrTwice},
		{"facts are fixed for the year", []Record{yearOpen, {Year: &other}}, ErrYear},
		{"a release needs its year", []Record{reservation("r1", "w1", 1)}, ErrYear},
		{"a release is charged", []Record{yearOpen, reservation("r1", "w1", 60)}, nil},
		{"a release is charged once", []Record{yearOpen, reservation("r1", "w1", 1), reservation("r1", "w2", 1)}, ErrTwice},
		{"a window is charged once", []Record{yearOpen, reservation("r1", "w1", 1), reservation("r2", "w1", 1)}, ErrTwice},
		{"the limit holds", []Record{yearOpen, reservation("r1", "w1", 60), reservation("r2", "w2", 41)}, ErrOverspent},
		{"the limit may be reached", []Record{yearOpen, reservation("r1", "w1", 60), reservation("r2", "w2", 40)}, nil},
		{"nothing is free", []Record{yearOpen, reservation("r1", "w1", 0)}, ErrOverspent},
		{"a commitment needs its reservation", []Record{yearOpen, commitment("r1")}, ErrUnreserved},
		{"a release is committed once", []Record{yearOpen, reservation("r1", "w1", 1), commitment("r1"), commitment("r1")}, ErrTwice},
		{"one thing a record", []Record{yearOpen, {}}, ErrShape},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c Chain
			var err error
			for i, r := range tt.give {
				if err = apply(t, &c, r); err != nil && i < len(tt.give)-1 {
					t.Fatalf("record %d: %v", i+1, err)
				}
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestDecodeRefusesEveryFlippedByte(t *testing.T) {
	value, err := Encode((&Chain{}).Next(yearOpen), newKey(1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range value {
		bad := bytes.Clone(value)
		bad[i] ^= 1
		if _, err := Decode(bad, newKey(1)); err == nil {
			t.Errorf("byte %d flipped: accepted", i)
		}
		if _, err := Decode(value[:i], newKey(1)); err == nil {
			t.Errorf("cut at byte %d: accepted", i)
		}
	}
	if _, err := Decode(value, newKey(2)); err == nil {
		t.Error("another key's record: accepted")
	}
}

func follow(log *memoryLog, memory Memory) *Follower {
	return NewFollower(log.read, newKey(1), memory)
}

// appendTo writes a record that follows what the writer knows, as a process
// that died after reading would.
func (l *memoryLog) appendTo(t testing.TB, c *Chain, r Record) {
	value, err := Encode(c.Next(r), newKey(1))
	if err != nil {
		t.Fatal(err)
	}
	l.values = append(l.values, value)
}

func TestAppendIsCompareAndSet(t *testing.T) {
	var log memoryLog
	a, b := follow(&log, &memoryPin{}), follow(&log, &memoryPin{})
	log.appendTo(t, &a.Chain, yearOpen)
	for _, f := range []*Follower{a, b} {
		if err := f.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	log.appendTo(t, &a.Chain, reservation("r1", "w1", 10)) // both know the same head
	log.appendTo(t, &b.Chain, reservation("r2", "w2", 10))
	log.values = append(log.values, log.values[1]) // an ambiguous acknowledgement wrote it twice
	for _, f := range []*Follower{a, b} {
		if err := f.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := f.Chain.Releases(); len(got) != 1 || got[0] != "r1" || f.Invalid != 2 {
			t.Errorf("releases %v, %d invalid; want r1 alone, 2 invalid", got, f.Invalid)
		}
	}
}

func TestFollowerRefusesAShorterOrForkedLedger(t *testing.T) {
	var log memoryLog
	memory := &memoryPin{}
	f := follow(&log, memory)
	log.appendTo(t, &f.Chain, yearOpen)
	if err := f.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	log.appendTo(t, &f.Chain, reservation("r1", "w1", 10))
	if err := f.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	short := memoryLog{log.values[:1]}
	if err := follow(&short, memory).Sync(t.Context()); !errors.Is(err, ErrForked) {
		t.Errorf("shorter ledger: got %v, want ErrForked", err)
	}
	fork := memoryLog{log.values[:1:1]}
	g := follow(&fork, &memoryPin{})
	if err := g.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	fork.appendTo(t, &g.Chain, reservation("r9", "w9", 10))
	if err := follow(&fork, memory).Sync(t.Context()); !errors.Is(err, ErrForked) {
		t.Errorf("forked ledger: got %v, want ErrForked", err)
	}
}

// Any sequence of attempts leaves the spend within the limit and equal to the
// sum of the valid reservations.
func TestNeverOverspent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Chain
		if v, _ := Encode(c.Next(yearOpen), newKey(1)); c.Apply(c.Next(yearOpen), v) != nil {
			t.Fatal("year refused")
		}
		var sum int64
		for range rapid.IntRange(0, 30).Draw(t, "attempts") {
			id := rapid.StringMatching(`r[0-9]`).Draw(t, "release")
			nano := rapid.Int64Range(-5, 60).Draw(t, "nano")
			r := c.Next(reservation(id, id, nano))
			if v, _ := Encode(r, newKey(1)); c.Apply(r, v) == nil {
				sum += nano
			}
		}
		if c.Spent("2026-2027") != sum || sum > 100 || sum < 0 {
			t.Fatalf("spent %d, sum %d", c.Spent("2026-2027"), sum)
		}
	})
}
