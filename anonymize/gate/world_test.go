package gate

import (
	"encoding/json/v2"
	"errors"
	"testing"

	"brume/anonymize/budget"
	"brume/anonymize/exact"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/ledger"
	"brume/schemas/release"
	"brume/schemas/topics"
)

// refused requires that a fresh gate stops with an alarm and adds nothing to
// the ledger and to the public topic.
func (s *site) refused(why error) {
	s.t.Helper()
	records, public := len(s.values(topics.Ledger)), len(s.values(topics.Releases))
	if err := run(s.ctx(), s.successor()); !errors.Is(err, why) {
		s.t.Errorf("got %v, want %v", err, why)
	}
	if r, p := len(s.values(topics.Ledger))-records, len(s.values(topics.Releases))-public; r+p != 0 {
		s.t.Errorf("the gate added %d records to the ledger and %d to the releases", r, p)
	}
}

// forget restores the gate's memory of the ledger from before it began.
func (s *site) forget() { s.pin = memory{} }

// ★ A ledger that knows less than the world would pay again for what is
// public: no gate runs on it.
func TestALedgerThatKnowsLessThanTheWorldIsRefused(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, "before-", dir, 1)
		s.partials(0)
		s.check(run(s.ctx(), s.successor()))
		_, id := s.window(0)
		payload := s.payloads(id)[0]
		load := func(change func(*ledger.Load)) []byte {
			_, _, chain := s.entries()
			l := ledger.Load{Release: id, Payload: release.Hash(payload), Ledger: chain.Pin()}
			change(&l)
			value, err := json.Marshal(l)
			s.check(err)
			return value
		}
		for name, world := range map[string]struct {
			ledger [][]byte // of the records that the backup still has
			topic  string
			values [][]byte
		}{
			"release of an empty ledger":  {nil, topics.Releases, s.values(topics.Releases)},
			"release only reserved":       {s.values(topics.Ledger)[:2], topics.Releases, s.values(topics.Releases)},
			"release of another payload":  {s.values(topics.Ledger), topics.Releases, kafka.SplitBlob(id, []byte("another value"))},
			"two payloads of one release": {s.values(topics.Ledger), topics.Releases, append(kafka.SplitBlob(id, []byte("another value")), s.values(topics.Releases)...)},
			"load of an empty ledger":     {nil, topics.Loads, [][]byte{load(func(*ledger.Load) {})}},
			"load of another payload":     {s.values(topics.Ledger), topics.Loads, [][]byte{load(func(l *ledger.Load) { l.Payload[0] ^= 1 })}},
			"load under a longer ledger":  {s.values(topics.Ledger), topics.Loads, [][]byte{load(func(l *ledger.Load) { l.Ledger.Sequence++ })}},
		} {
			t.Run(name, func(t *testing.T) {
				restored := newSite(t, cfg, ledger.HashOf([]byte(name)).String()[:8]+"-", dir, 1)
				restored.check(restored.client.Produce(restored.ctx(), topics.Ledger, 0, world.ledger...))
				restored.check(restored.client.Produce(restored.ctx(), world.topic, 0, world.values...))
				restored.partials(1)
				restored.refused(ErrWorld)
			})
		}
	})
}

// A gate that runs stops as well: it looks before each reservation.
func TestARunningGateSeesAForeignRelease(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, "", dir, 1)
		g := s.successor()
		s.check(run(s.ctx(), g))
		_, other := s.window(5)
		s.check(s.client.Produce(s.ctx(), topics.Releases, 0, kafka.SplitBlob(other, []byte("x"))...))
		s.partials(0)
		if err := g.Step(s.ctx()); !errors.Is(err, ErrWorld) {
			t.Errorf("got %v, want ErrWorld", err)
		}
		if valid, _, _ := s.entries(); len(valid) != 1 {
			t.Errorf("%d valid records, want the year alone", len(valid))
		}
	})
}

// ★ A shorter ledger is refused by whoever remembers the longer one.
func TestAShorterLedgerIsRefusedByMemory(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, "a-", dir, 1)
		s.partials(0)
		s.check(run(s.ctx(), s.successor()))
		old := newSite(t, cfg, "b-", dir, 1)
		old.check(old.client.Produce(old.ctx(), topics.Ledger, 0, s.values(topics.Ledger)[:1]...))
		old.pin.pin = s.pin.pin
		old.refused(ledger.ErrForked)
		old.forget()
		old.check(run(old.ctx(), old.successor()))
	})
}

// Two different partials of one partition mean that a cohort was not rebuilt
// as it was: nothing is reserved.
func TestDifferentPartialsOfOnePartitionAreAnAlarm(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, "", dir, 1)
		s.check(run(s.ctx(), s.successor()))
		s.partials(0)
		s.partial(0, 1, 0) // the same sums, sealed anew: no alarm
		s.partial(0, 1, 1)
		s.refused(ErrConflict)
	})
}

// ★ A reservation is adopted with the same inputs only.
func TestAReservationOfOtherInputsIsNotAdopted(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, "", dir, 1)
		s.reserveFor(0, func(r *ledger.Reserved) { r.Inputs[1][0] ^= 1 })
		s.refused(budget.ErrInputs)
	})
}

// ★ Nor is one of another plan: what it charged is not what this plan's noise
// costs.
func TestAReservationOfAnotherPlanIsNotAdopted(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		for name, change := range map[string]func(*ledger.Reserved){
			"plan":  func(r *ledger.Reserved) { r.Plan[0] ^= 1 },
			"costs": func(r *ledger.Reserved) { r.Costs[0].Nano /= 2 },
		} {
			t.Run(name, func(t *testing.T) {
				s := newSite(t, cfg, name+"-", dir, 1)
				s.reserveFor(0, change)
				s.check(s.successor().Start(s.ctx())) // the present plan is opened before its gate looks
				s.refused(budget.ErrInputs)
			})
		}
	})
}

// reserveFor rests a window's partials and reserves them as a predecessor that
// differed would have.
func (s *site) reserveFor(index int, change func(*ledger.Reserved)) {
	s.t.Helper()
	s.partials(index)
	w, id := s.window(index)
	g := s.successor()
	_, err := s.client.ReadAll(s.ctx(), topics.Partials, 0, 0, g.partials.add)
	s.check(err)
	in, err := g.open(id, s.year, s.year.Plan.Layout(s.year.Registry, w).Len())
	s.check(err)
	r := reservation(id, s.year, w, in)
	change(&r)
	opened := s.year.record()
	opened.Plan = r.Plan
	book := s.book(s.client)
	s.check(book.OpenYear(s.ctx(), opened))
	_, err = book.Reserve(s.ctx(), r)
	s.check(err)
}

// A gate starts on topics whose oldest partials and drafts were deleted: they
// are kept for a month, the ledger for ever.
func TestGateStartsAfterOldPartialsAreGone(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, "", dir, 1)
		s.partials(0)
		s.check(run(s.ctx(), s.successor()))
		for _, topic := range []string{topics.Partials, topics.Drafts} {
			testenv.Trim(t, cfg, topic, 0, int64(len(s.values(topic))))
		}
		s.partials(1)
		s.check(run(s.ctx(), s.successor()))
		s.oneValue(0)
		s.oneValue(1)
	})
}

// ★ Nothing is reserved before the partials of all partitions are there.
func TestGateWaitsForEveryPartition(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, "", dir, 1)
		g := s.successor()
		s.check(g.Start(s.ctx()))
		for p := range partitions {
			if valid, _, _ := s.entries(); len(valid) != 1 {
				t.Fatalf("%d valid records with the partials of %d partitions of %d, want the year alone", len(valid), p, partitions)
			}
			s.partial(0, partitions-1-p, 0)
			s.check(g.Step(s.ctx()))
		}
		s.oneValue(0)
		s.partial(1, 0, 0)
		s.check(g.Step(s.ctx()))
		if _, _, chain := s.entries(); len(chain.Releases()) != 1 {
			t.Error("a window was reserved with one partial")
		}
	})
}

// gapped rests the partial of a partition that lost statements.
func (s *site) gapped(index, p int, amount int64) {
	s.t.Helper()
	w, id := s.window(index)
	v := exact.New(s.year.Plan.Layout(s.year.Registry, w).Len())
	s.check(v.Add(0, amount))
	s.seal(id, GappedName(id, p), v)
}

// ★ The release of a partition that lost statements says so for ever, in its
// payload and in the ledger; the others do not.
func TestAReleaseWithAGapIsIncomplete(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, "", dir, 1)
		s.partials(0)
		s.partial(1, 0, 0)
		s.gapped(1, 1, 0)
		s.partials(2) // sent, forgotten in a crash, then the log lost: what came first counts
		s.gapped(2, 1, 0)
		s.gapped(3, 1, 0)
		s.partials(3)
		s.check(run(s.ctx(), s.successor()))
		valid, _, _ := s.entries()
		for index, want := range []bool{false, true, false, true} {
			_, id := s.window(index)
			if r, c := s.oneValue(index), committed(valid, id)[0]; r.Incomplete != want || c.Incomplete != want {
				t.Errorf("week %d: payload incomplete %v, COMMITTED %v, want %v", index, r.Incomplete, c.Incomplete, want)
			}
		}
	})
}

// A partition that says that it lost statements MUST NOT send sums.
func TestSumsOfAGappedPartitionAreAnAlarm(t *testing.T) {
	s := newSite(t, testenv.Kafka(t), "", keyDir(t), 1)
	s.check(run(s.ctx(), s.successor()))
	s.partial(0, 0, 0)
	s.gapped(0, 1, 1)
	s.refused(ErrGapped)
}
