package ingest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"brume/schemas/topics"
)

// Backlog tells how far the anonymizers have come in the topic statements; see
// kafka.Client.
type Backlog interface {
	Committed(ctx context.Context, group, topic string) (map[int]int64, error)
	Offsets(ctx context.Context, topic string, partition int) (first, next int64, err error)
	TimeAt(ctx context.Context, topic string, partition int, offset int64) (time.Time, bool, error)
}

const (
	lookEvery  = time.Minute
	lookSooner = 5 * time.Second // while requests are refused, so that recovery is seen at once
)

// watch knows the age of the oldest record that is not yet folded. What is
// acknowledged MUST NOT die unread: records die after topics.KeepStatements.
type watch struct {
	log        Backlog // nil: nothing is watched and nothing refused
	group      string
	partitions int
	limit      time.Duration
	now        func() time.Time

	mu     sync.Mutex
	oldest time.Time // everything older is folded; zero: not known yet
}

var errNotLooked = errors.New("how far folding has come is not known yet")

// age is an upper bound of the oldest unfolded record's age. It grows while
// nobody can look: what came since the last look may all be unfolded.
func (w *watch) age() (time.Duration, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.oldest.IsZero() {
		return 0, errNotLooked
	}
	return max(0, w.now().Sub(w.oldest)), nil
}

// refuse is the answer to statements that might die unread, nil when none do.
func (w *watch) refuse() *problem {
	if w.log == nil {
		return nil
	}
	switch age, err := w.age(); {
	case err != nil:
		return unavailable("unavailable.starting", 2*time.Second)
	case age >= w.limit:
		return unavailable("unavailable.backlog", lookEvery)
	}
	return nil
}

// look asks once how far each partition has come.
func (w *watch) look(ctx context.Context) error {
	oldest := w.now() // what comes from now on is not seen by this look
	committed, err := w.log.Committed(ctx, w.group, topics.Statements)
	if err != nil {
		return err
	}
	for p := range w.partitions {
		next, any := committed[p]
		at, waits, err := w.unfolded(ctx, p, next, any)
		if err != nil {
			return err
		}
		if waits && at.Before(oldest) {
			oldest = at
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.oldest = oldest
	return nil
}

// unfolded returns the time of a partition's first unfolded record, false when
// there is none. Without a position, or with one beyond the log's end, that is
// the log's first: nothing says that any of it was folded. A position before
// the log's first record says that some died unread already.
func (w *watch) unfolded(ctx context.Context, partition int, next int64, known bool) (time.Time, bool, error) {
	first, end, err := w.log.Offsets(ctx, topics.Statements, partition)
	if err != nil {
		return time.Time{}, false, err
	}
	switch {
	case known && next < first:
		return w.now().Add(-topics.KeepStatements), true, nil
	case !known || next > end:
		next = first
	}
	if next == end {
		return time.Time{}, false, nil
	}
	return w.log.TimeAt(ctx, topics.Statements, partition, next)
}

// watchBacklog looks until ctx ends.
func (s *Server) watchBacklog(ctx context.Context) {
	refused := false
	for s.watch.log != nil {
		err := s.watch.look(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.deps.Log.Warn("asking how far folding has come", "err", err)
			s.outage.met("unavailable.broker")
		}
		refuse := s.watch.refuse() != nil
		s.State() // so that the instant of a change is known to a minute
		if age, known := s.watch.age(); known == nil && refuse != refused {
			s.turn(refuse, age)
			refused = refuse
		}
		pause := lookEvery
		if err != nil || refuse {
			pause = lookSooner
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// turn says that refusing begins or ends.
func (s *Server) turn(refuse bool, age time.Duration) {
	if refuse {
		s.deps.Log.Error("ALARM backlog: statements are refused, the oldest unfolded one is about to die unread", "seconds", int(age.Seconds()))
		return
	}
	s.deps.Log.Info("statements are taken again, folding has caught up", "seconds", int(age.Seconds()))
}

// gauge shows the age in seconds, -1 while it is not known.
func (w *watch) gauge() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "brume_ingest_oldest_unfolded_seconds",
		Help: "Age of the oldest record not yet folded, at most; statements are refused from ingest.backlog on. -1: not known yet.",
	}, func() float64 {
		age, err := w.age()
		if err != nil {
			return -1
		}
		return age.Seconds()
	})
}

func (c Config) validateBacklog() error {
	var errs []error
	if c.Backlog <= 0 || c.Backlog >= topics.KeepStatements {
		errs = append(errs, fmt.Errorf("backlog: want more than 0 and less than %s, after which records die", topics.KeepStatements))
	}
	if c.Group == "" {
		errs = append(errs, errors.New("group: want the anonymizers' consumer group"))
	}
	return errors.Join(errs...)
}
