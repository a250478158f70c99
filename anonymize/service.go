package anonymize

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"brume/anonymize/cohort"
	"brume/anonymize/exact"
	"brume/anonymize/gate"
	"brume/internal/kafka"
	"brume/schemas/control"
	"brume/schemas/event"
	"brume/schemas/topics"
)

// Keys are the secrets that the service folds with.
type Keys interface {
	State(year string) (exact.AEAD, error) // seals a year's snapshots; "" for the part that belongs to none
	ReleaseKey(release string) (exact.AEAD, error)
}

// Opener opens sealed events.
type Opener interface {
	Open(record []byte, partition int) (event.Event, error)
}

// Verifier authenticates control records.
type Verifier interface {
	Open(value []byte, partition int) (control.Record, error)
}

// Deps are what the service works with.
type Deps struct {
	Kafka   *kafka.Client
	Keys    Keys
	Opener  Opener
	Control Verifier
	Env     cohort.Env
	Gate    func() *gate.Gate // a fresh gate; run beside partition 0
	Log     *slog.Logger
	Now     func() time.Time
}

// Service is one instance of the anonymizer.
type Service struct {
	Config
	Deps

	mu     sync.Mutex
	status map[int]Status
}

// Status is how far a partition has come, for operators.
type Status struct {
	Next   int64 // offset of the first record not yet folded
	Counts cohort.Counts
	Pupils int // pupils held
	Rows   int // open pupil-windows held

	Oldest  time.Time // when the first record was logged that is not folded yet; zero: there is none
	Stopped error     // the alarm that stopped the partition
}

// New returns a service that does nothing until Run.
func New(cfg Config, deps Deps) *Service {
	return &Service{Config: cfg, Deps: deps, status: map[int]Status{}}
}

// Run joins the consumer group and works on the partitions it is given, until
// ctx ends. It joins only when the ledger agrees with the year's facts: other
// keys or partitions would make pupils twice.
func (s *Service) Run(ctx context.Context) error {
	if err := s.Gate().CheckFacts(ctx); err != nil {
		return err
	}
	return s.Kafka.RunGroup(ctx, s.Group, topics.Statements, s.own)
}

// own works on one partition while this instance owns it; the owner of
// partition 0 also runs the gate.
func (s *Service) own(ctx context.Context, a kafka.Assignment) error {
	defer s.disown(a.Partition)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.partition(ctx, a) })
	if a.Partition == 0 {
		group.Go(func() error { return s.Gate().Run(ctx) })
	}
	return group.Wait()
}

// Status returns the state of each partition that this instance owns.
func (s *Service) Status() map[int]Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[int]Status, len(s.status))
	for p, st := range s.status {
		out[p] = st
	}
	return out
}

// report shows how far the partition has come.
func (w *worker) report() { w.show(nil) }

func (w *worker) show(stopped error) {
	pupils, rows := w.state.Pupils()
	st := Status{
		Next: w.state.Next(), Counts: w.state.Counts(), Pupils: pupils, Rows: rows,
		Oldest: w.oldest, Stopped: stopped,
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.status[w.number] = st
}

func (s *Service) disown(number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.status, number)
}
