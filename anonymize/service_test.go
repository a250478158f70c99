package anonymize

import (
	"slices"
	"sync"
	"testing"
	"time"

	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/policy"
	"brume/schemas/release"
	"brume/schemas/topics"
)

// The whole way of an instance that nothing disturbs: its partials are those
// of the reference, each window becomes one release with every planned cell,
// and every record is counted once.
func TestServiceFoldsAndReleases(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 3)
		steps := s.history(1)
		want := s.reference(steps)
		c := want.counts
		if c.Folded == 0 || c.Duplicates == 0 || c.Late == 0 || c.Dropped["identity"] == 0 {
			t.Fatalf("the history lacks something: %+v", c)
		}
		if sum := c.Folded + c.Duplicates + c.Dropped["identity"]; sum != weeks*perWeek {
			t.Fatalf("%d events counted of %d", sum, weeks*perWeek)
		}
		i := s.start(nil)
		s.write(steps...)
		s.asReferred(want, i)
		s.cellsAreThePlanned()
		for p, st := range i.Status() {
			if st.Stopped != nil {
				t.Errorf("partition %d stopped: %v", p, st.Stopped)
			}
			if st.Rows != 0 {
				t.Errorf("partition %d holds %d rows of closed windows", p, st.Rows)
			}
		}
		s.check(i.stop())
		if st := i.Status(); len(st) != 0 {
			t.Errorf("a stopped instance owns %d partitions", len(st))
		}
	})
}

// cellsAreThePlanned requires one payload for each window, with its cells.
func (s *site) cellsAreThePlanned() {
	s.t.Helper()
	var a kafka.Assembler
	payloads := map[string][][]byte{}
	for _, value := range s.values(topics.Releases, 0) {
		id, payload, complete, err := a.Add(value)
		s.check(err)
		if complete {
			payloads[id] = append(payloads[id], payload)
		}
	}
	for _, w := range s.plan.Policy.Windows(policy.Weekly)[:weeks] {
		id := string(policy.ReleaseID(w))
		if len(payloads[id]) != 1 {
			s.t.Errorf("%s: %d distinct values, want one", id, len(payloads[id]))
			continue
		}
		r, err := release.Decode(payloads[id][0], release.Hash(payloads[id][0]))
		s.check(err)
		if !slices.EqualFunc(r.Cells, s.plan.Cells(s.registry, w), func(got, want release.Cell) bool {
			got.Value = 0
			return got == want
		}) {
			s.t.Errorf("%s: cells are not the planned ones", id)
		}
	}
}

// pieces cuts steps into n runs.
func pieces(steps []step, n int) (out [][]step) {
	size := (len(steps) + n - 1) / n
	return slices.Collect(slices.Chunk(steps, size))
}

// ★ An instance that is stopped, or killed, and started anew again and again
// comes to the same partials and counts as one that nothing disturbed.
func TestStoppedAndStartedAnew(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		for name, end := range map[string]func(*instance){
			"stopped": func(i *instance) {
				if err := i.stop(); err != nil {
					i.Log.Error("stopping", "error", err)
				}
			},
			"killed": (*instance).kill,
		} {
			t.Run(name, func(t *testing.T) {
				cfg := cfg
				cfg.Prefix += name + "-"
				s := newSite(t, cfg, 2)
				steps := s.history(2)
				i := s.start(nil)
				for _, piece := range pieces(steps, 5) {
					s.write(piece...)
					s.until("some of it folded", func() bool { return len(i.Status()) > 0 })
					time.Sleep(30 * time.Millisecond)
					end(i)
					i = s.start(nil)
				}
				s.asReferred(s.reference(steps), i)
				s.cellsAreThePlanned()
			})
		}
	})
}

// ★ An instance that is stopped in the middle of a close has not closed: its
// successor emits every partial. (A partial MUST be in its topic before its
// window is forgotten.)
func TestStoppedInTheMiddleOfAClose(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 2)
		steps := s.history(3)
		s.write(steps[:len(steps)-1]...)
		var i *instance
		var mu sync.Mutex
		asked := 0
		started := make(chan struct{})
		i = s.start(func(service *Service) {
			k := service.Keys.(secrets)
			k.asked = func() {
				<-started
				mu.Lock()
				defer mu.Unlock()
				if asked++; asked == 2 {
					i.cancel() // this close's partial cannot rest any more
				}
			}
			service.Keys = k
		})
		close(started)
		<-i.ended
		s.check(i.err)
		successor := s.start(nil)
		s.write(steps[len(steps)-1])
		s.asReferred(s.reference(steps), successor)
	})
}

// ★ Two instances share the partitions; one leaves in the middle, one joins.
func TestInstancesComeAndGo(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 4)
		steps := s.history(4)
		run := pieces(steps, 3)
		a, b := s.start(nil), s.start(nil)
		s.write(run[0]...)
		s.settled(a, b)
		if len(a.Status()) == 0 || len(b.Status()) == 0 {
			s.until("both own partitions", func() bool { return len(a.Status()) > 0 && len(b.Status()) > 0 })
		}
		s.write(run[1]...)
		s.check(a.stop())
		c := s.start(nil)
		s.write(run[2]...)
		s.asReferred(s.reference(steps), b, c)
		s.cellsAreThePlanned()
	})
}
