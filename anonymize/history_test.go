package anonymize

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/go-cmp/cmp"

	"brume/anonymize/cohort"
	"brume/anonymize/gate"
	"brume/schemas/control"
	"brume/schemas/event"
	"brume/schemas/event/keyring"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/topics"
)

// writer is what writes to the log: ingest and the operator.
type writer struct {
	sealer *event.Sealer
	ingest *keyring.Ingest
	signer *control.Signer
}

func (s *site) newWriter(now func() time.Time) writer {
	s.t.Helper()
	ingest, err1 := keyring.OpenIngest(s.dir)
	signer, err2 := s.store().ControlSigner()
	s.check(errors.Join(err1, err2))
	return writer{event.NewSealer(ingest.Sealing, now), ingest, signer}
}

// step is one thing written to the log: an event, or a control record, which
// goes to every partition.
type step struct {
	event   *event.Event
	control control.Record
}

// write appends steps to the log, each after the one before it.
func (s *site) write(steps ...step) {
	s.t.Helper()
	batches := make([][][]byte, s.partitions)
	for _, st := range steps {
		if st.event != nil {
			p := s.ingest.Routing(st.event.Actor.Reveal(), s.partitions)
			value, err := s.sealer.Seal(st.event, p)
			s.check(err)
			batches[p] = append(batches[p], value)
			continue
		}
		for p := range s.partitions {
			value, err := s.signer.Sign(st.control, p)
			s.check(err)
			batches[p] = append(batches[p], value)
		}
	}
	for p, values := range batches {
		s.check(s.client.Produce(s.ctx(), topics.Statements, p, values...))
	}
}

func (s *site) configure() step {
	return step{control: control.Record{
		Kind: control.Config, Year: schoolYear, PolicyHash: s.plan.PolicyHash, RegistryHash: s.registry.Hash(),
		FoldVersion: cohort.FoldVersion, Partition: control.AllPartitions, Issued: time.Now(),
	}}
}

func (s *site) closing(index int) step {
	w := s.plan.Policy.Windows(policy.Weekly)[index]
	return step{control: control.Record{
		Kind: control.Close, Year: schoolYear, Cadence: string(policy.Weekly), Window: w.Label, Index: index,
		Partition: control.AllPartitions, Issued: time.Now(),
	}}
}

const (
	home    = "https://ent.aix.example"
	weeks   = 3
	pupils  = 40
	perWeek = 240
)

// pupil is a canonical actor; each carries a canary.
func pupil(n int) string { return fmt.Sprintf("account:%s|canary-%04d-zoé", home, n) }

// eventOf returns an event of a pupil in the middle of a week.
func (s *site) eventOf(n, week int, id uint64) *event.Event {
	w := s.plan.Policy.Windows(policy.Weekly)[week]
	return &event.Event{
		Actor: event.NewActor(pupil(n)), Scope: home, School: s.registry.Schools[n%len(s.registry.Schools)].UAI,
		Score: event.NoScore, Duration: event.NoDuration, Kind: event.Answered,
		Hour: event.Hour(w.Start.Add(60 * time.Hour)), Received: time.Now().Unix(), Fingerprint: id,
	}
}

// history is a few weeks with everything in them: repeats, other identities,
// late events, unknown schools, and closes said twice. Its draws are seeded.
func (s *site) history(seed uint64) (steps []step) {
	r := rand.New(rand.NewPCG(seed, 0))
	steps = []step{s.configure()}
	var sent []*event.Event
	for week := range weeks {
		for range perWeek {
			e := s.eventOf(r.IntN(pupils), max(0, week-r.IntN(8)/7), r.Uint64())
			e.Level, e.Subject, e.Outcome = uint8(r.IntN(8)), uint8(r.IntN(9)), event.Outcome(r.IntN(3))
			switch r.IntN(20) {
			case 0:
				e.Scope = "https://elsewhere.example"
			case 1:
				e.School = 1
			case 2, 3:
				if len(sent) > 0 {
					e = sent[r.IntN(len(sent))]
				}
			}
			sent = append(sent, e)
			steps = append(steps, step{event: e})
		}
		steps = append(steps, s.closing(week))
		if week == 1 {
			steps = append(steps, s.closing(0), s.configure(), s.closing(1))
		}
	}
	return steps
}

// reference is what must come of the steps, whatever happens on the way: the
// acknowledged set folded once by a plain loop.
type reference struct {
	inputs map[string]string // as site.inputs
	counts cohort.Counts
	pupils int
}

func (s *site) reference(steps []step) reference {
	s.t.Helper()
	shared, err := s.store().Gate()
	s.check(err)
	mac, err := shared.InputsMAC(schoolYear)
	s.check(err)
	ref := reference{inputs: map[string]string{}}
	digests := map[string][]ledger.Hash{}
	for p := range s.partitions {
		part := cohort.NewPartition(cohort.Env{schoolYear: s.year()})
		for _, st := range steps {
			if st.event != nil {
				if s.ingest.Routing(st.event.Actor.Reveal(), s.partitions) == p {
					part.Fold(st.event, time.Now())
				}
				continue
			}
			closed, err := part.Control(st.control)
			s.check(err)
			for _, c := range closed {
				id := string(policy.ReleaseID(c.Window))
				digests[id] = append(digests[id], c.Sums.MAC(mac, []byte(gate.PartialName(id, p))))
			}
		}
		n, _ := part.Pupils()
		ref.pupils += n
		ref.counts.Add(part.Counts())
	}
	for id, d := range digests {
		ref.inputs[id] = fmt.Sprint(d)
	}
	return ref
}

// settled waits until the instances together own every partition and have
// folded the whole log, and returns their counts.
func (s *site) settled(instances ...*instance) (counts cohort.Counts, pupils int) {
	s.t.Helper()
	ends := make([]int64, s.partitions)
	for p := range ends {
		var err error
		_, ends[p], err = s.client.Offsets(s.ctx(), topics.Statements, p)
		s.check(err)
	}
	s.until("every partition folded to its end", func() bool {
		counts, pupils = cohort.Counts{Dropped: map[string]int64{}}, 0
		owned := 0
		for _, i := range instances {
			for p, st := range i.Status() {
				if st.Next == ends[p] {
					owned++
					counts.Add(st.Counts)
					pupils += st.Pupils
				}
			}
		}
		return owned == s.partitions
	})
	return counts, pupils
}

// asReferred requires that the instances reached what the reference says.
func (s *site) asReferred(want reference, instances ...*instance) {
	s.t.Helper()
	s.released(len(want.inputs))
	if diff := cmp.Diff(s.inputs(), want.inputs); diff != "" {
		s.t.Errorf("digests of the partials (-got, +want):\n%s", diff)
	}
	counts, pupils := s.settled(instances...)
	if diff := cmp.Diff(counts, want.counts); diff != "" {
		s.t.Errorf("counts (-got, +want):\n%s", diff)
	}
	if pupils != want.pupils {
		s.t.Errorf("%d pupils held, want %d", pupils, want.pupils)
	}
}
