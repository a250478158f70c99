package anonymize

import (
	"fmt"
	"testing"
	"time"

	"brume/anonymize/cohort"
	"brume/anonymize/gate"
	"brume/anonymize/keys"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/control"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/release"
	"brume/schemas/topics"
)

// loser is the partition whose log loses records in these tests.
const loser = 1

// outage is a history with a gap: what stands in the log before it, what the
// loser's log loses, what was logged before the operator's GAP, and after.
type outage struct {
	before, lost, behind, after []step
	gap                         control.Record
}

// steps are what a partition folds of it.
func (o outage) steps(p int) (all []step) {
	all = append(all, o.before...)
	if p == loser {
		all = append(all, step{control: o.gap})
	} else {
		all = append(all, o.lost...)
	}
	return append(append(all, o.behind...), o.after...)
}

// week is a few events of one week, and its close.
func (s *site) week(index int, close bool) (steps []step) {
	for n := range pupils {
		e := s.eventOf(n, index, uint64(1000*index+n))
		steps = append(steps, step{event: e})
	}
	if close {
		steps = append(steps, s.closing(index))
	}
	return steps
}

// strike writes an outage to the log up to where the operator's GAP has to
// stand: the first week is released, then anonymizers are away, and the
// loser's log loses what came meanwhile.
func (s *site) strike() (o outage) {
	s.t.Helper()
	o.before = append(append([]step{s.configure()}, s.week(0, true)...), s.week(1, false)[:pupils/2]...)
	i := s.start(nil)
	s.write(o.before...)
	s.settled(i)
	s.released(1)
	s.check(i.stop())
	_, from, err := s.client.Offsets(s.ctx(), topics.Statements, loser)
	s.check(err)
	o.lost = s.week(1, false)[pupils/2:]
	s.write(o.lost...)
	_, to, err := s.client.Offsets(s.ctx(), topics.Statements, loser)
	s.check(err)
	if from == to {
		s.t.Fatal("nothing to lose")
	}
	testenv.Trim(s.t, s.cfg, topics.Statements, loser, to)
	o.behind = s.week(2, false)[:pupils/2]
	s.write(o.behind...)
	o.gap = control.Record{
		Kind: control.Gap, From: from, To: to, Partition: loser, Issued: time.Now(),
		Until: s.plan.Policy.Windows(policy.Weekly)[1].Start.Add(100 * time.Hour),
	}
	return o
}

// say appends a GAP to a partition, signed for another one if asked.
func (s *site) say(signer *control.Signer, gap control.Record, partition int) {
	s.t.Helper()
	value, err := signer.Sign(gap, gap.Partition)
	s.check(err)
	s.check(s.client.Produce(s.ctx(), topics.Statements, partition, value))
}

// ★ A partition that lost records goes on after the operator's GAP and no
// other: the week that was open is released without it, for ever incomplete;
// the weeks before and after are whole, and no pupil counts twice.
func TestAGapBringsAPartitionBack(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 3)
		o := s.strike()
		i := s.start(nil)
		s.until("the alarm", func() bool { return i.Status()[loser].Stopped != nil })
		s.impostors(o.gap)
		s.until("the others go on", func() bool { return s.folded(i, 0) && s.folded(i, 2) })
		time.Sleep(2 * lookForGap)
		if st := i.Status()[loser]; st.Stopped == nil || st.Next != o.gap.From {
			t.Fatalf("it went on to %d with a GAP that is none", st.Next)
		}
		s.say(s.signer, o.gap, loser)
		s.until("the partition goes on", func() bool { return i.Status()[loser].Stopped == nil && s.folded(i, loser) })
		s.say(s.signer, o.gap, loser) // and is said again
		o.after = append(s.week(2, false)[pupils/2:], s.closing(2))
		o.after = append(o.after, s.week(3, true)...)
		s.write(o.after...)
		s.released(4)
		s.asOutage(o, i)
		s.until("ingest sees that all is folded", func() bool {
			next, err := s.client.Committed(s.ctx(), "anonymize", topics.Statements)
			s.check(err)
			_, end, err := s.client.Offsets(s.ctx(), topics.Statements, loser)
			s.check(err)
			return next[loser] == end
		})
	})
}

// ★ Killed again and again around a gap, before it and after, a partition comes
// to the same partials, marks and counts.
func TestKilledAroundAGap(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 3)
		o := s.strike()
		s.impostors(o.gap)
		s.say(s.signer, o.gap, loser)
		o.after = append(s.week(2, false)[pupils/2:], s.closing(2))
		o.after = append(o.after, s.week(3, true)...)
		for n, piece := range pieces(o.after, 4) {
			i := s.start(nil)
			s.until("some of it folded", func() bool { return len(i.Status()) > 0 })
			s.write(piece...)
			time.Sleep(time.Duration(15*n) * time.Millisecond)
			i.kill()
		}
		i := s.start(nil)
		s.released(4)
		s.settled(i)
		s.asOutage(o, i)
	})
}

// impostors are GAPs that bring nothing back: of another operator, of another
// partition, of other ranges, of less than what is lost.
func (s *site) impostors(gap control.Record) {
	s.t.Helper()
	foreign, err := keys.Open(keyDir(s.t))
	s.check(err)
	stranger, err := foreign.ControlSigner()
	s.check(err)
	s.say(stranger, gap, loser)
	elsewhere := gap
	elsewhere.Partition = 0
	s.say(s.signer, elsewhere, loser)
	for _, shift := range [][2]int64{{-1, 0}, {1, 0}, {0, 1}, {0, -1}} {
		other := gap
		other.From, other.To = gap.From+shift[0], gap.To+shift[1]
		s.say(s.signer, other, loser)
	}
}

// asOutage requires what an outage must come to: the digests of all partials,
// the marks of the releases, and the loser's counts.
func (s *site) asOutage(o outage, i *instance) {
	s.t.Helper()
	shared, err := s.store().Gate()
	s.check(err)
	mac, err := shared.InputsMAC(schoolYear)
	s.check(err)
	digests := map[string][]ledger.Hash{}
	var want cohort.Counts
	for p := range s.partitions {
		part := cohort.NewPartition(cohort.Env{schoolYear: s.year()})
		for _, st := range o.steps(p) {
			switch {
			case st.event != nil:
				if s.ingest.Routing(st.event.Actor.Reveal(), s.partitions) == p {
					part.Fold(st.event, time.Now())
				}
				continue
			case st.control.Kind == control.Gap:
				part.Advance(st.control.From)
				part.Gap(st.control)
				continue
			}
			closed, err := part.Control(st.control)
			s.check(err)
			for _, c := range closed {
				id := string(policy.ReleaseID(c.Window))
				name := gate.PartialName(id, p)
				if c.Gapped {
					name = gate.GappedName(id, p)
				}
				digests[id] = append(digests[id], c.Sums.MAC(mac, []byte(name)))
			}
		}
		if p == loser {
			want = part.Counts()
		}
	}
	for id, inputs := range s.inputs() {
		if inputs != fmt.Sprint(digests[id]) {
			s.t.Errorf("%s: the partials are not those of the reference", id)
		}
	}
	s.incomplete(1)
	got := i.Status()[loser].Counts
	want.Dropped[cohort.DropUnread] = 2 // forged, and of another partition
	if fmt.Sprint(got.Dropped, got.Folded, got.Duplicates) != fmt.Sprint(want.Dropped, want.Folded, want.Duplicates) {
		s.t.Errorf("counts %+v, want %+v", got, want)
	}
	if want.Dropped[cohort.DropLost] == 0 {
		s.t.Error("nothing was lost: the test does not reach it")
	}
}

// incomplete requires that the released weeks are marked as they should be, in
// the payload and in the ledger.
func (s *site) incomplete(weeks ...int) {
	s.t.Helper()
	want := map[string]bool{}
	for _, w := range weeks {
		want[string(policy.ReleaseID(s.plan.Policy.Windows(policy.Weekly)[w]))] = true
	}
	f := s.follower(s.client)
	s.check(f.Sync(s.ctx()))
	var a kafka.Assembler
	for _, value := range s.values(topics.Releases, 0) {
		id, payload, complete, err := a.Add(value)
		s.check(err)
		if !complete {
			continue
		}
		r, err := release.Decode(payload, release.Hash(payload))
		s.check(err)
		c, ok := f.Chain.Committed(id)
		if !ok || r.Incomplete != want[id] || c.Incomplete != want[id] {
			s.t.Errorf("%s: payload incomplete %v, COMMITTED %v (%v), want %v", id, r.Incomplete, c.Incomplete, ok, want[id])
		}
		delete(want, id)
	}
	if len(want) > 0 {
		s.t.Errorf("%v are not released", want)
	}
}
