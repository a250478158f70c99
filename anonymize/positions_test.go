package anonymize

import (
	"testing"

	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/topics"
)

// ★ The committed position is never ahead of a durable snapshot, reaches it,
// and is that of the last snapshot once an instance has drained, also when the
// instance had nothing to fold.
func TestPositionsFollowSnapshots(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 2)
		committed := func() map[int]int64 {
			got, err := s.client.Committed(s.ctx(), "anonymize", topics.Statements)
			s.check(err)
			return got
		}
		snapshots := func(p int) (next int64) {
			var records []kafka.Record
			_, err := s.client.ReadAll(s.ctx(), topics.Cohorts, p, 0, func(r kafka.Record) error { records = append(records, r); return nil })
			s.check(err)
			return complete(s.t, records)
		}
		i := s.start(nil)
		for _, piece := range pieces(s.history(5), 4) {
			s.write(piece...)
			for p, next := range committed() {
				if durable := snapshots(p); next > durable {
					t.Errorf("partition %d: %d committed, %d durable", p, next, durable)
				}
			}
		}
		s.until("all is folded, saved and committed", func() bool {
			got := committed()
			for p := range s.partitions {
				_, end, err := s.client.Offsets(s.ctx(), topics.Statements, p)
				s.check(err)
				if got[p] != end || snapshots(p) != end {
					return false
				}
			}
			return true
		})
		s.check(i.stop())
		want := committed()
		idle := s.start(nil)
		s.until("an idle instance owns the partitions", func() bool { return len(idle.Status()) == s.partitions })
		s.check(idle.stop())
		for p, next := range committed() {
			if next != want[p] {
				t.Errorf("partition %d: %d committed after an idle instance, want %d", p, next, want[p])
			}
		}
	})
}

// A position that cannot be committed stops nothing and is due again; before
// the first snapshot there is none to commit.
func TestAPositionNotCommittedStopsNothing(t *testing.T) {
	s := newSite(t, testenv.Kafka(t), 1)
	service := s.build(s.client, nil)
	w := &worker{Service: service, state: s.state(0, 0), told: -1} // its assignment is of no group
	w.snapshots = newSnapshots(service, w.assigned)
	s.check(w.save(s.ctx()))
	w.state = s.state(3, 7)
	s.check(w.save(s.ctx()))
	if w.saved != 7 || w.told != -1 {
		t.Errorf("saved %d, told %d; want 7 and -1", w.saved, w.told)
	}
}
