package anonymize

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/topics"
)

// page is a log that a test reads while it is written.
type page struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *page) count(what string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Count(p.text.String(), what)
}

// ★ A stopped partition calls at 12, 24 and 48 hours, once each, shows its age,
// and says when it has caught up.
func TestAStoppedPartitionCalls(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 3)
		o := s.strike()
		var ahead atomic.Int64
		var log page
		i := s.start(func(service *Service) {
			service.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			service.Log = slog.New(slog.NewTextHandler(&log, nil))
		})
		s.until("the alarm", func() bool { return i.Status()[loser].Stopped != nil })
		for n, hours := range []time.Duration{11, 13, 23, 25, 47, 49, 200} {
			ahead.Store(int64(hours * time.Hour))
			want := []int{0, 1, 1, 2, 2, 3, 3}[n]
			s.until("the next alarm", func() bool { return log.count("ALARM lag") >= want })
			time.Sleep(lookForGap + 200*time.Millisecond)
			if got := log.count("ALARM lag"); got != want {
				t.Errorf("after %d h %d alarms, want %d", hours, got, want)
			}
			if age := gaugeOf(t, i.Service, "oldest_unfolded_seconds"); age < (hours*time.Hour).Seconds() || age > (hours*time.Hour).Seconds()+300 {
				t.Errorf("after %d h the metric shows %v s", hours, age)
			}
		}
		ahead.Store(0)
		s.say(s.signer, o.gap, loser)
		s.until("the partition goes on", func() bool { return s.folded(i, loser) })
		s.until("it has caught up", func() bool { return gaugeOf(t, i.Service, "oldest_unfolded_seconds") == 0 })
		if log.count("ALARM lag") != 3 || log.count("folding has caught up") != 1 {
			t.Errorf("it called again, or did not say that it has caught up")
		}
	})
}

// A partition that lags calls, too, and does so again after it had caught up.
func TestALaggingPartitionCalls(t *testing.T) {
	var log page
	at := time.Now()
	w := &worker{Service: &Service{Deps: Deps{Log: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return at }}}}
	old := func(age time.Duration) []kafka.Record { return []kafka.Record{{Time: at.Add(-age)}, {Time: at}} }
	for n, step := range []struct {
		records []kafka.Record
		want    int
	}{
		{old(11 * time.Hour), 0}, {old(80 * time.Hour), 1}, {old(70 * time.Hour), 1}, {old(20 * time.Hour), 1},
		{nil, 1}, {old(12 * time.Hour), 2}, {old(30 * time.Hour), 3}, {old(time.Second), 3},
	} {
		w.lags(step.records)
		if got := log.count("ALARM lag"); got != step.want {
			t.Errorf("step %d: %d alarms, want %d", n, got, step.want)
		}
	}
	if got := log.count("folding has caught up"); got != 2 {
		t.Errorf("caught up %d times, want 2", got)
	}
}

// ★ What a partial holds is durable before it: whoever goes on from there,
// also after a gap, knows which pupils it counted.
func TestASnapshotStandsBeforeEachPartial(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 1)
		i := s.start(func(service *Service) { service.SnapshotEvery = time.Hour })
		s.write(s.configure())
		s.write(s.week(0, true)...)
		_, end, err := s.client.Offsets(s.ctx(), topics.Statements, 0)
		s.check(err)
		s.until("a partial", func() bool { return s.emitted(0) == 1 })
		i.kill()
		var records []kafka.Record
		_, err = s.client.ReadAll(s.ctx(), topics.Cohorts, 0, 0, func(r kafka.Record) error { records = append(records, r); return nil })
		s.check(err)
		if got := complete(t, records); got != end-1 {
			t.Errorf("the newest snapshot is of %d, the CLOSE stands at %d", got, end-1)
		}
	})
}
