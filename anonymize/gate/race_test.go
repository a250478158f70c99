package gate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"brume/anonymize/exact"
	"brume/anonymize/keys"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/ledger"
	"brume/schemas/topics"
)

// ★ Gates that work on the same topics at once reach one value of each window,
// and the one that is overtaken goes on.
func TestGatesRaceToOneValue(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		const windows, gates = 8, 3
		s := newSite(t, cfg, "", dir, 1)
		for index := range windows {
			s.partials(index)
		}
		var racing sync.WaitGroup
		failures := make([]error, gates)
		for i := range gates {
			g := s.successor()
			racing.Go(func() { failures[i] = run(s.ctx(), g) })
		}
		racing.Wait()
		s.check(errors.Join(failures...))
		for index := range windows {
			s.oneValue(index)
		}
	})
}

// paused is a log that stops its gate before it appends a commitment, until
// resumed.
type paused struct {
	Log
	verifier ledger.Verifier
	reached  chan ledger.Committed
	resume   chan struct{}
}

func (p *paused) Produce(ctx context.Context, topic string, partition int, values ...[]byte) error {
	if topic == topics.Ledger {
		if r, err := ledger.Decode(values[0], p.verifier); err == nil && r.Committed != nil {
			p.reached <- *r.Committed
			<-p.resume
		}
	}
	return p.Log.Produce(ctx, topic, partition, values...)
}

// zombie lets a gate reserve and draw, stops it before it commits, lets a
// successor finish, and lets the zombie go on. It returns what the zombie
// wanted to commit, and its draft opened while its key still lived.
func (s *site) zombie() (lost ledger.Committed, draft []byte) {
	s.t.Helper()
	verifier, err := s.store.LedgerVerifier()
	s.check(err)
	log := &paused{Log: s.client, verifier: verifier, reached: make(chan ledger.Committed), resume: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- run(s.ctx(), s.gate(log, s.gateKeys())) }()
	select {
	case lost = <-log.reached:
	case err := <-ended:
		s.t.Fatalf("the gate did not come to its commitment: %v", err)
	}
	key, err := s.store.ReleaseKey(lost.Release)
	s.check(err)
	if draft, err = s.openDraft(lost, key); err != nil {
		s.t.Fatalf("a draft whose key lives: %v", err)
	}
	s.check(run(s.ctx(), s.successor()))
	close(log.resume)
	s.check(<-ended)
	return lost, draft
}

// openDraft opens the draft of a commitment, valid or not, with a key that may
// have wrapped the draft's.
func (s *site) openDraft(c ledger.Committed, key exact.AEAD) ([]byte, error) {
	s.t.Helper()
	var a kafka.Assembler
	var sealed []byte
	for _, value := range s.values(topics.Drafts) {
		name, payload, complete, err := a.Add(value)
		s.check(err)
		if complete && name == c.Draft {
			sealed = payload
		}
	}
	raw, err := key.Decrypt(c.DraftKey, []byte("draft "+c.Draft))
	if err != nil {
		return nil, err
	}
	aead, err := gcm(raw)
	s.check(err)
	return aead.Open(nil, make([]byte, aead.NonceSize()), sealed, []byte(c.Draft))
}

// ★ A gate that sleeps between its draw and its commitment wakes up to another
// gate's value and takes it over. What it drew stays unreadable for ever:
// together with the released value it would be a second look.
func TestTheZombiesDraftStaysClosed(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, "", dir, 1)
		s.partials(0)
		lost, draft := s.zombie()
		s.oneValue(0)
		_, invalid, _ := s.entries()
		if losers := committed(invalid, lost.Release); len(losers) != 1 || losers[0].Draft != lost.Draft {
			t.Errorf("%d losing commitments in the log, want the zombie's", len(losers))
		}
		if string(draft) == string(s.payloads(lost.Release)[0]) {
			t.Error("the zombie's draw is the released one: the two gates drew the same noise")
		}
		for name, key := range s.everyKey() {
			if _, err := s.openDraft(lost, key); err == nil {
				t.Errorf("%s opens the losing draft", name)
			}
		}
		s.noKeyFile(lost.Release)
	})
}

// everyKey returns all keys that the store gives once a release is done.
func (s *site) everyKey() map[string]exact.AEAD {
	s.t.Helper()
	cohort, err1 := s.store.Cohort(schoolYear)
	another, err2 := s.store.ReleaseKey("another")
	again, err3 := s.open(filepath.Join(s.t.TempDir(), "restored")).ReleaseKey("2026-2027-w36") // drawn anew, elsewhere
	s.check(errors.Join(err1, err2, err3))
	return map[string]exact.AEAD{"gates' key": s.gateKeys().AEAD(), "cohorts' key": cohort, "another release's key": another, "a new key": again}
}

// noKeyFile requires that of a release's key nothing but its tombstone is left
// in any directory of keys.
func (s *site) noKeyFile(id string) {
	s.t.Helper()
	if _, err := s.store.ReleaseKey(id); !errors.Is(err, keys.ErrDestroyed) {
		s.t.Errorf("got %v, want ErrDestroyed", err)
	}
	var left []string
	for _, root := range []string{s.dir, s.releases} {
		s.check(filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err == nil && strings.Contains(d.Name(), id) {
				left = append(left, d.Name())
			}
			return err
		}))
	}
	if want := []string{"release-" + id + ".destroyed"}; !slices.Equal(left, want) {
		s.t.Errorf("files of the release's key: %v, want %v", left, want)
	}
}

// ★ What is not signed by a gate, or does not follow the head, is in the log
// and no gate acts on it, not even on a commitment whose draft it could open.
func TestForeignRecordsAreNeverActedUpon(t *testing.T) {
	dir := keyDir(t)
	foreign, err := keys.Open(keyDir(t))
	if err != nil {
		t.Fatal(err)
	}
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		for name, forge := range map[string]func(*site, ledger.Record) []byte{
			"another signer": func(s *site, r ledger.Record) []byte {
				signer, err := foreign.LedgerSigner()
				s.check(err)
				value, err := ledger.Encode(r, signer)
				s.check(err)
				return value
			},
			"no signature": func(s *site, r ledger.Record) []byte {
				value, err := ledger.Encode(r, unsigned{})
				s.check(err)
				return value
			},
			"another head": func(s *site, r ledger.Record) []byte {
				r.Prev[0] ^= 1
				signer, err := s.store.LedgerSigner()
				s.check(err)
				value, err := ledger.Encode(r, signer)
				s.check(err)
				return value
			},
		} {
			t.Run(name, func(t *testing.T) { forgedCommitment(t, cfg, dir, forge) })
		}
	})
}

type unsigned struct{}

func (unsigned) Sign([]byte) ([]byte, error) { return nil, nil }

// forgedCommitment stops a gate before its commitment and puts a forged one in
// the log first, for a draft that is there and whose key is right.
func forgedCommitment(t *testing.T, cfg kafka.Config, dir string, forge func(*site, ledger.Record) []byte) {
	s := newSite(t, cfg, strings.ReplaceAll(filepath.Base(t.Name()), "_", "-")+"-", dir, 1)
	s.partials(0)
	w, id := s.window(0)
	verifier, err := s.store.LedgerVerifier()
	s.check(err)
	log := &paused{Log: s.client, verifier: verifier, reached: make(chan ledger.Committed), resume: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- run(s.ctx(), s.gate(log, s.gateKeys())) }()
	honest := <-log.reached
	payload := []byte("a value that nobody drew for " + w.Label)
	key, err := s.store.ReleaseKey(id)
	s.check(err)
	d, err := newDraft(id, payload, key)
	s.check(err)
	s.check(s.client.Produce(s.ctx(), topics.Drafts, 0, d.chunks...))
	_, _, chain := s.entries()
	value := forge(s, chain.Next(ledger.Record{Committed: &ledger.Committed{
		Release: id, Payload: ledger.HashOf(payload), Draft: d.name, DraftKey: d.wrapped,
	}}))
	s.check(s.client.Produce(s.ctx(), topics.Ledger, 0, value))
	close(log.resume)
	s.check(<-ended)
	s.check(run(s.ctx(), s.successor()))
	s.oneValue(0)
	valid, _, _ := s.entries()
	if got := committed(valid, id); len(got) != 1 || got[0].Draft != honest.Draft {
		t.Errorf("committed %v, want the gate's own draft %s", fmt.Sprint(len(got)), honest.Draft)
	}
}
