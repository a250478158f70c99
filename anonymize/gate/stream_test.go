package gate

import (
	"context"
	"errors"
	"slices"
	"testing"

	"brume/anonymize/exact"
	"brume/anonymize/keys"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/topics"
)

// sendThrough sends the partials of all partitions up to a window.
func (s *sim) sendThrough(c policy.Cadence, index int) {
	s.t.Helper()
	last := slices.IndexFunc(s.windows(), func(w policy.Window) bool { return w.Cadence == c && w.Index == index })
	for p := range partitions {
		for ; s.sent[p] <= last; s.sent[p]++ {
			s.send(p, s.sent[p])
		}
	}
}

// A gate that was asleep while another committed a step, and whose partials are
// gone, takes the destroyed key for what it is, and goes on.
func TestAStepFollowsWhatAnotherGateCommitted(t *testing.T) {
	s := newSim(t, simYear(t), 1)
	sleeper := (&life{sim: s}).gate()
	if err := sleeper.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.sendThrough(policy.YearStream, 0)
	if err := s.live(nil, fates{}, 1); err != nil {
		t.Fatal(err)
	}
	s.logs[topics.Partials] = nil
	w := s.year.Plan.Policy.Windows(policy.YearStream)[1]
	for p := range partitions {
		s.send(p, slices.IndexFunc(s.windows(), func(o policy.Window) bool { return o.Cadence == w.Cadence && o.Index == 1 }))
	}
	if err := sleeper.Step(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !sleeper.isCommitted(w) {
		t.Error("the step was not released")
	}
}

// A step whose predecessor is not committed waits, whatever partials are there.
func TestAStepWaitsForTheOneBefore(t *testing.T) {
	s := newSim(t, simYear(t), 1)
	for p := range partitions {
		s.send(p, slices.IndexFunc(s.windows(), func(o policy.Window) bool { return o.Cadence == policy.YearStream && o.Index == 1 }))
	}
	if err := s.live(nil, fates{}, 1); err != nil {
		t.Fatal(err)
	}
	if got := s.chain().Releases(); len(got) != 0 {
		t.Errorf("reserved %v", got)
	}
	s.settle()
	s.check()
}

// ★ What a step drew is read back as it was committed, or nothing more is
// released.
func TestLostOrChangedNoiseIsAnAlarm(t *testing.T) {
	for name, spoil := range map[string]func(*sim){
		"lost":            func(s *sim) { s.logs[topics.Streams] = nil },
		"another's":       func(s *sim) { s.logs[topics.Streams] = s.renamed() },
		"another key":     func(s *sim) { s.keys["year"] = newAEAD() },
		"another plan":    func(s *sim) { s.year.Plan.Families[2].Sigma *= 2 },
		"more schools":    func(s *sim) { s.year.Registry.Schools = s.year.Registry.Schools[:2] },
		"other calendars": func(s *sim) { s.year.Registry.Departments[1].Zone = "A" },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSim(t, simYear(t), 1)
			s.sendThrough(policy.YearStream, 1)
			if err := s.live(nil, fates{}, 1); err != nil {
				t.Fatal(err)
			}
			spoil(s)
			s.sendThrough(policy.YearStream, 2)
			public := len(s.logs[topics.Releases])
			if err := s.live(nil, fates{}, 1); !errors.Is(err, ErrNoise) {
				t.Errorf("got %v, want ErrNoise", err)
			}
			for _, v := range s.logs[topics.Releases][public:] {
				if name, _, _, _ := new(kafka.Assembler).Add(v); name == "2026-2027-stream-w38" {
					t.Error("the step was released")
				}
			}
		})
	}
}

// renamed gives each step's noise the name of the other's.
func (s *sim) renamed() (out [][]byte) {
	var names []string
	var payloads [][]byte
	var a kafka.Assembler
	for _, v := range s.logs[topics.Streams] {
		name, payload, _, err := a.Add(v)
		if err != nil {
			s.t.Fatal(err)
		}
		names, payloads = append(names, name), append(payloads, payload)
	}
	for i := range names {
		out = append(out, kafka.SplitBlob(names[len(names)-1-i], payloads[i])...)
	}
	return out
}

// ★ The noise of streams rests sealed under the year's key: it dies with it, and
// the year's streams end.
func TestStreamNoiseDiesWithTheYear(t *testing.T) {
	s := newSite(t, testenv.Kafka(t), "", keyDir(t), 1)
	s.year.Plan = simYear(t).Plan
	for step := range 2 {
		w := s.year.Plan.Policy.Windows(policy.YearStream)[step]
		id := string(policy.ReleaseID(w))
		for p := range partitions {
			s.seal(id, PartialName(id, p), exact.New(s.year.Plan.Layout(s.year.Registry, w).Len()))
		}
		s.check(run(s.ctx(), s.successor()))
		if step == 0 {
			s.check(s.store.DestroyYear(schoolYear))
		}
		_, _, chain := s.entries()
		c, done := chain.Committed(id)
		if done != (step == 0) || done && len(c.Noise) != 2 {
			t.Fatalf("step %d: committed %v with the noise of %d streams", step+1, done, len(c.Noise))
		}
		if _, err := s.store.ReleaseKey(id); !errors.Is(err, keys.ErrDestroyed) {
			t.Errorf("step %d: the key of its partials: got %v, want ErrDestroyed", step+1, err)
		}
	}
	var sealed [][]byte
	var a kafka.Assembler
	for _, value := range s.values(topics.Streams) {
		_, payload, _, err := a.Add(value)
		s.check(err)
		sealed = append(sealed, payload)
	}
	if len(sealed) != 2 {
		t.Fatalf("%d records of noise, want 2", len(sealed))
	}
	_, _, chain := s.entries()
	c, _ := chain.Committed("2026-2027-stream-w36")
	for name, key := range s.everyKeyAfterTheYear() {
		for i, stream := range s.year.streams() {
			w := s.year.Plan.Policy.Windows(policy.YearStream)[0]
			if c.Noise[i].Sealed != ledger.HashOf(sealed[i]) {
				t.Error("the ledger names other noise")
			}
			if _, err := key.Decrypt(sealed[i], stream.noiseContext(s.year, w, c.Draft)); err == nil {
				t.Errorf("%s opens the noise of a destroyed year", name)
			}
		}
	}
}

// everyKeyAfterTheYear returns all keys that the store gives once the year's
// are destroyed.
func (s *site) everyKeyAfterTheYear() map[string]exact.AEAD {
	s.t.Helper()
	if _, err := s.gateKeys().StreamKey(schoolYear); !errors.Is(err, keys.ErrDestroyed) {
		s.t.Errorf("got %v, want ErrDestroyed", err)
	}
	another, err := s.store.ReleaseKey("another")
	s.check(err)
	return map[string]exact.AEAD{"gates' key": s.gateKeys().AEAD(), "another release's key": another}
}
