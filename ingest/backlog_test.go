package ingest

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/topics"
)

// folder commits positions as anonymizers do.
type folder struct {
	t      *testing.T
	client *kafka.Client
}

func (f folder) commit(next map[int]int64) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 30*time.Second)
	defer cancel()
	done := make(chan error, testPartitions)
	ended := make(chan error, 1)
	go func() {
		ended <- f.client.RunGroup(ctx, "anonymize", topics.Statements, func(ctx context.Context, a kafka.Assignment) error {
			if n, ok := next[a.Partition]; ok {
				done <- a.Commit(ctx, n)
			} else {
				done <- nil
			}
			<-ctx.Done()
			return nil
		})
	}()
	for range testPartitions {
		select {
		case err := <-done:
			if err != nil {
				f.t.Error(err)
			}
		case <-ctx.Done():
			f.t.Fatal("no partitions in 30 s")
		}
	}
	cancel()
	if err := <-ended; err != nil {
		f.t.Error(err)
	}
}

func (f folder) ends() map[int]int64 {
	f.t.Helper()
	ends := map[int]int64{}
	for p := range testPartitions {
		_, end, err := f.client.Offsets(f.t.Context(), topics.Statements, p)
		if err != nil {
			f.t.Fatal(err)
		}
		ends[p] = end
	}
	return ends
}

// watched is an endpoint that watches the log, at a time of the test's own.
func watched(t *testing.T, cfg kafka.Config) (e *endpoint, f folder, pass func(time.Duration)) {
	t.Helper()
	var client *kafka.Client
	at := time.Now()
	e, client = withBroker(t, cfg, func(_ *Config, d *Deps) {
		d.Backlog = d.Producer.(Backlog)
		d.Now = func() time.Time { return at }
	})
	return e, folder{t, client}, func(d time.Duration) { at = at.Add(d) }
}

// answers looks and requires the answer to one more statement: "" is 200.
func (e *endpoint) answers(t *testing.T, want string) {
	t.Helper()
	if err := e.watch.look(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.answersUnseen(t, want)
}

func (e *endpoint) answersUnseen(t *testing.T, want string) {
	t.Helper()
	for _, method := range []string{http.MethodPost, http.MethodPut} {
		url := "/xapi/statements"
		if method == http.MethodPut {
			url += "?statementId=" + someID
		}
		w := e.send(method, url, statement("1", ""), nil)
		switch after, _ := strconv.Atoi(w.Header().Get("Retry-After")); {
		case want == "" && w.Code/100 == 2:
		case want != "" && w.Code == http.StatusServiceUnavailable && code(w) == want && after > 0:
		default:
			t.Errorf("%s: %d %q, Retry-After %d; want %q", method, w.Code, code(w), after, want)
		}
	}
}

// ★ Statements are refused when the oldest unfolded record is 60 h old, before
// any position was committed and after, and taken again as soon as it is not.
func TestRefusesWhatMightDieUnread(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		e, f, pass := watched(t, cfg)
		e.answersUnseen(t, "unavailable.starting")
		e.answers(t, "") // nothing is in the log
		pass(60*time.Hour - time.Minute)
		e.answers(t, "")
		pass(2 * time.Minute)
		e.answers(t, "unavailable.backlog")
		if age := e.gauge(t); age < (60*time.Hour).Seconds() || age > (61*time.Hour).Seconds() {
			t.Errorf("the gauge shows %v s", age)
		}
		if c := e.Counts(); c.Accepted != 4 || c.Received != 4 {
			t.Errorf("counts %+v, want 4 accepted", c)
		}
		f.commit(f.ends())
		e.answers(t, "")
		if age := e.gauge(t); age != 0 {
			t.Errorf("the gauge shows %v s when all is folded", age)
		}
	})
}

// ★ A partition whose records are all folded never alarms, however long it is
// idle; one record too few of one partition does.
func TestAnIdlePartitionNeverAlarms(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		e, f, pass := watched(t, cfg)
		if err := f.client.Produce(t.Context(), topics.Statements, 2, []byte{1}, []byte{2}); err != nil {
			t.Fatal(err)
		}
		f.commit(f.ends())
		pass(1000 * time.Hour)
		if err := e.watch.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p := e.watch.refuse(); p != nil {
			t.Errorf("all is folded: %s", p.Code)
		}
		f.commit(map[int]int64{2: 1})
		e.answers(t, "unavailable.backlog")
	})
}

// A position that the log does not hold is no proof that anything was folded.
func TestPositionsOutsideTheLog(t *testing.T) {
	cfg := testenv.Kafka(t)
	e, f, pass := watched(t, cfg)
	if err := f.client.Produce(t.Context(), topics.Statements, 0, []byte{1}, []byte{2}, []byte{3}); err != nil {
		t.Fatal(err)
	}
	f.commit(map[int]int64{0: 9})
	pass(61 * time.Hour)
	e.answers(t, "unavailable.backlog") // it ends before the position
	f.commit(map[int]int64{0: 3})
	e.answers(t, "")
	f.commit(f.ends())
	f.commit(map[int]int64{0: 1})
	testenv.Trim(t, cfg, topics.Statements, 0, 2)
	pass(-61 * time.Hour)
	e.answers(t, "unavailable.backlog") // one died unread
}

// away is a log that cannot be asked.
type away struct{ Backlog }

func (away) Committed(context.Context, string, string) (map[int]int64, error) {
	return nil, errors.New("away")
}

// While nobody can look, what came since the last look counts as unfolded.
func TestABlindWatchGrowsOld(t *testing.T) {
	e, f, pass := watched(t, testenv.Kafka(t))
	e.answers(t, "")
	f.commit(f.ends())
	e.answers(t, "")
	seeing := e.watch.log
	e.watch.log = away{seeing}
	for _, want := range []string{"", "unavailable.backlog"} {
		pass(31 * time.Hour)
		if err := e.watch.look(t.Context()); err == nil {
			t.Error("looked at a log that is away")
		}
		e.answersUnseen(t, want)
	}
	e.watch.log = seeing
	f.commit(f.ends())
	e.answers(t, "")
}

// Run looks before the first statement is taken, and ends.
func TestRunWatches(t *testing.T) {
	e, _, _ := watched(t, testenv.Kafka(t))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	for deadline := time.Now().Add(20 * time.Second); e.watch.refuse() != nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never looked")
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestBacklogFaults(t *testing.T) {
	for _, c := range []struct {
		line    int
		backlog time.Duration
		fault   bool
	}{
		{line(), 0, true},
		{line(), time.Hour, false},
		{line(), 60 * time.Hour, false},
		{line(), 72 * time.Hour, true},
	} {
		cfg := DefaultConfig()
		cfg.Backlog = c.backlog
		if err := cfg.Validate(); (err != nil) != c.fault || err != nil && !strings.Contains(err.Error(), "backlog") {
			t.Errorf("line %d: %v", c.line, err)
		}
	}
}

func (e *endpoint) gauge(t *testing.T) float64 {
	t.Helper()
	families, err := e.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "brume_ingest_oldest_unfolded_seconds" {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatal("no gauge")
	return 0
}
