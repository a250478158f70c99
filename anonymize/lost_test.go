package anonymize

import (
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/topics"
)

// ★ Where retention overran a partition it stops, with its alarm, and folds
// and emits nothing more; the others go on. What its window lacks is never
// released as if it were whole.
func TestAPartitionThatLostRecordsStops(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		for name, lose := range map[string]func(*site) error{
			"trimmed": func(s *site) error {
				_, next, err := s.client.Offsets(s.ctx(), topics.Statements, 1)
				s.check(err)
				testenv.Trim(s.t, s.cfg, topics.Statements, 1, next-1)
				return kafka.ErrGap
			},
			"shorter": func(s *site) error { // its snapshot is of a longer log
				w := newSnapshots(s.build(s.client, nil), kafka.Assignment{Generation: 50, Partition: 1})
				s.check(w.write(s.ctx(), s.state(3, 1_000_000)))
				return kafka.ErrRewound
			},
		} {
			t.Run(name, func(t *testing.T) {
				cfg := cfg
				cfg.Prefix += name + "-"
				s := newSite(t, cfg, 3)
				steps := s.history(6)
				run := pieces(steps, 3)
				first := s.start(nil)
				s.write(run[0]...)
				s.settled(first)
				s.check(first.stop())
				before := s.emitted(1)
				s.write(run[1]...)
				want := lose(s)
				i := s.start(nil)
				s.until("the alarm", func() bool { return i.Status()[1].Stopped != nil })
				s.write(run[2]...)
				s.until("the others go on", func() bool { return s.folded(i, 0) && s.folded(i, 2) })
				if st := i.Status()[1]; !errors.Is(st.Stopped, want) {
					t.Errorf("stopped by %v, want %v", st.Stopped, want)
				}
				if got := s.emitted(1); got != before {
					t.Errorf("the stopped partition emitted %d partials", got-before)
				}
				if got := stoppedGauges(t, i.Service); got != 1 {
					t.Errorf("brume_anonymize_partition_stopped is 1 for %v partitions, want one", got)
				}
				if got := len(s.inputs()); got > before {
					t.Errorf("%d releases are reserved with %d partials of the stopped partition", got, before)
				}
				s.check(i.stop())
			})
		}
	})
}

// folded says whether the instance has folded a partition to its end.
func (s *site) folded(i *instance, partition int) bool {
	s.t.Helper()
	_, next, err := s.client.Offsets(s.ctx(), topics.Statements, partition)
	s.check(err)
	return i.Status()[partition].Next == next
}

// emitted counts the releases for which a partition has sent partials.
func (s *site) emitted(partition int) int {
	s.t.Helper()
	var a kafka.Assembler
	seen := map[string]bool{}
	for _, value := range s.values(topics.Partials, 0) {
		name, _, _, err := a.Add(value)
		s.check(err)
		if strings.HasSuffix(name, "/"+string(rune('0'+partition))) {
			seen[name] = true
		}
	}
	return len(seen)
}

func stoppedGauges(t *testing.T, s *Service) (n float64) {
	t.Helper()
	return gaugeOf(t, s, "partition_stopped")
}

// gaugeOf adds up a metric over the partitions.
func gaugeOf(t *testing.T, s *Service, name string) (n float64) {
	t.Helper()
	metrics := make(chan prometheus.Metric, 1000)
	s.Collect(metrics)
	close(metrics)
	for m := range metrics {
		var value dto.Metric
		if err := m.Write(&value); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(m.Desc().String(), `"brume_anonymize_`+name+`"`) {
			n += value.GetGauge().GetValue()
		}
	}
	return n
}
