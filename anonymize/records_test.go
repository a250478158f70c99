package anonymize

import (
	"bytes"
	"encoding/json/v2"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"brume/anonymize/cohort"
	"brume/anonymize/keys"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/control"
	"brume/schemas/ledger"
	"brume/schemas/topics"
)

// bad is a record that must be quarantined.
type bad struct {
	partition int
	reason    string
	value     []byte
	offset    int64
}

// ★ A record that cannot be opened is quarantined as it is, with reason and
// offset; a control record that the operator did not sign for this partition
// does nothing; and the partition goes on.
func TestBadRecordsAreQuarantined(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 2)
		steps := s.history(5)
		half := len(steps) / 2
		s.write(steps[:half]...)
		poison := s.poison()
		for n := range poison {
			b := &poison[n]
			_, next, err := s.client.Offsets(s.ctx(), topics.Statements, b.partition)
			s.check(err)
			b.offset = next
			s.check(s.client.Produce(s.ctx(), topics.Statements, b.partition, b.value))
		}
		i := s.start(nil)
		s.write(steps[half:]...)
		want := s.reference(steps)
		want.counts.Dropped[cohort.DropUnread] = int64(len(poison))
		s.asReferred(want, i)
		s.quarantined(poison)
	})
}

// poison is one of each kind of record that does not belong where it lies.
func (s *site) poison() []bad {
	s.t.Helper()
	e := s.eventOf(1, 0, 77)
	home := s.ingest.Routing(e.Actor.Reveal(), s.partitions)
	sealed, err := s.sealer.Seal(e, home)
	s.check(err)
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	foreign, err := keys.Open(keyDir(s.t))
	s.check(err)
	stranger, err := foreign.ControlSigner()
	s.check(err)
	closing := s.closing(2).control
	forged, err := stranger.Sign(closing, 0)
	s.check(err)
	moved, err := s.signer.Sign(closing, 1)
	s.check(err)
	altered, err := s.signer.Sign(s.closing(1).control, 0)
	s.check(err)
	altered = bytes.Replace(altered, []byte(`"index":1`), []byte(`"index":2`), 1)
	large := bytes.Repeat([]byte{0xfe}, 800<<10) // more than a record of the quarantine holds in JSON
	return []bad{
		{0, "sealed", []byte("garbage"), 0},
		{1, "sealed", []byte{}, 0},
		{home, "sealed", flipped, 0},
		{home, "sealed", sealed[:len(sealed)/2], 0},
		{1 - home, "sealed", sealed, 0}, // sealed for the other partition
		{0, "sealed", large, 0},
		{0, "control", forged, 0},
		{0, "control", moved, 0},
		{0, "control", altered, 0},
		{1, "control", []byte{1, 2}, 0},
		{1, "control", []byte{9, 2, 3, 4}, 0},
	}
}

// quarantined requires that the quarantine holds each of the records.
func (s *site) quarantined(want []bad) {
	s.t.Helper()
	var a kafka.Assembler
	var got []poisoned
	for _, value := range s.values(topics.Quarantine, 0) {
		_, payload, complete, err := a.Add(value)
		s.check(err)
		if complete {
			var p poisoned
			s.check(json.Unmarshal(payload, &p))
			got = append(got, p)
		}
	}
	for n, b := range want {
		if !slices.ContainsFunc(got, func(p poisoned) bool {
			return p.Partition == b.partition && p.Offset == b.offset && p.Reason == b.reason && bytes.Equal(p.Value, b.value)
		}) {
			s.t.Errorf("bad record %d (%s, %d/%d, %d bytes) is not in the quarantine", n, b.reason, b.partition, b.offset, len(b.value))
		}
	}
	if len(got) != len(want) {
		s.t.Errorf("%d records in the quarantine, want %d", len(got), len(want))
	}
}

// ★ What was sealed to a key that is destroyed is gone: counted, quarantined
// as it is, and nothing of it is folded.
func TestRecordsOfADestroyedKeyAreGone(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 2)
		s.write(s.configure())
		const lost = 12
		var gone []bad
		for n := range lost {
			e := s.eventOf(n, 0, uint64(n))
			p := s.ingest.Routing(e.Actor.Reveal(), s.partitions)
			_, next, err := s.client.Offsets(s.ctx(), topics.Statements, p)
			s.check(err)
			value, err := s.sealer.Seal(e, p)
			s.check(err)
			s.check(s.client.Produce(s.ctx(), topics.Statements, p, value))
			gone = append(gone, bad{p, "key_gone", value, next})
		}
		later := func() time.Time { return time.Now().Add(75 * time.Hour) }
		s.check(s.store().MaintainSealing(later()))
		s.writer = s.newWriter(later)
		steps := []step{s.configure(), {event: s.eventOf(0, 0, 99)}, s.closing(0)}
		want := s.reference(steps)
		want.counts.Dropped[cohort.DropUnread] = lost
		i := s.start(nil)
		s.write(steps...)
		s.asReferred(want, i)
		s.quarantined(gone)
	})
}

// Every service refuses to work with facts that differ from the year's, also
// one that does not run the gate.
func TestOtherFactsAreRefused(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 2)
		steps := []step{s.configure(), {event: s.eventOf(0, 0, 1)}, s.closing(0)}
		s.write(steps...)
		first := s.start(nil)
		s.asReferred(s.reference(steps), first)
		for name, change := range map[string]func(*ledger.Facts){
			"partitions":    func(f *ledger.Facts) { f.Partitions = 3 },
			"routing key":   func(f *ledger.Facts) { f.Routing[0] ^= 1 },
			"pseudonym key": func(f *ledger.Facts) { f.Pseudonym[0] ^= 1 },
			"hash":          func(f *ledger.Facts) { f.Hash = "another" },
		} {
			t.Run(name, func(t *testing.T) {
				i := s.start(func(service *Service) {
					facts := s.facts()
					change(&facts)
					service.Deps.Gate = gateOf(s, service.Kafka, facts)
				})
				select {
				case <-i.ended:
				case <-time.After(20 * time.Second):
					t.Fatal("it works on")
				}
				if !errors.Is(i.err, ledger.ErrYear) {
					t.Errorf("got %v, want ledger.ErrYear", i.err)
				}
			})
		}
		s.settled(first)
	})
}

// An operator's records that change how the log is folded stop an instance
// which has other rules.
func TestOtherRulesAreRefused(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		for name, change := range map[string]func(*control.Record){
			"policy":       func(r *control.Record) { r.PolicyHash[0] ^= 1 },
			"registry":     func(r *control.Record) { r.RegistryHash[0] ^= 1 },
			"fold version": func(r *control.Record) { r.FoldVersion++ },
			"year":         func(r *control.Record) { r.Year = "2031-2032" },
		} {
			t.Run(name, func(t *testing.T) {
				cfg := cfg
				cfg.Prefix += fmt.Sprint(len(name), "-")
				s := newSite(t, cfg, 1)
				st := s.configure()
				change(&st.control)
				s.write(st)
				i := s.start(nil)
				select {
				case <-i.ended:
				case <-time.After(20 * time.Second):
					t.Fatal("it works on")
				}
				if !errors.Is(i.err, cohort.ErrConfig) {
					t.Errorf("got %v, want cohort.ErrConfig", i.err)
				}
			})
		}
	})
}
