package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"brume/ingest/portal"
	"brume/ingest/publishers"
	"brume/ingest/readback"
	"brume/ingest/tally"
	"brume/internal/kafka"
	"brume/schemas/event"
	"brume/schemas/registry"
)

// Producer appends records to a partition. Produce MUST NOT return nil before
// all replicas have them.
type Producer interface {
	Produce(ctx context.Context, topic string, partition int, values ...[]byte) error
}

// Sealer seals an event for one partition; event.ErrNoKey means that no sealing
// key is valid.
type Sealer interface {
	Seal(e *event.Event, partition int) ([]byte, error)
}

// Authenticator knows the publishers' keys; see publishers.Store.
type Authenticator interface {
	Authenticate(r *http.Request) (publishers.Publisher, error)
	Ready() error
}

// Deps are the parts that a server works with.
type Deps struct {
	Producer    Producer
	Sealer      Sealer
	Routing     func(actor string, partitions int) int
	Fingerprint func(publisher uint16, statementID string) uint64
	Publishers  Authenticator
	Registry    *registry.Registry
	Backlog     Backlog               // nil: nothing is refused for old unfolded records
	Quality     *kafka.Client         // to read the topic quality; nil: publishers see no figures
	Zone        *time.Location        // of the days of figures; nil: UTC
	Log         *slog.Logger          // nil: discarded
	Metrics     prometheus.Registerer // nil: not exposed
	Now         func() time.Time      // nil: time.Now
}

// Server is the xAPI endpoint.
type Server struct {
	cfg     Config
	deps    Deps
	counts  *tally.Counter
	slots   chan struct{}
	watch   *watch
	window  *readback.Window
	sandbox *readback.Window // apart, so that trials never conflict with what counts
	lines   lines
	turns   turns
	outage  outage
	portal  *portal.Portal
	texts   texts
	mux     *http.ServeMux
}

// New checks configuration and parts; nothing runs yet.
func New(cfg Config, deps Deps) (*Server, error) {
	if err := errors.Join(cfg.Validate(), deps.validate()); err != nil {
		return nil, fmt.Errorf("ingest: %w", err)
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	s := &Server{cfg: cfg, deps: deps, counts: tally.New(deps.Now), outage: outage{now: deps.Now},
		slots: make(chan struct{}, cfg.Requests), window: readback.New(cfg.window(), deps.Now), sandbox: readback.New(cfg.sandbox(), deps.Now),
		watch: &watch{log: deps.Backlog, group: cfg.Group, partitions: cfg.Partitions, limit: cfg.Backlog, now: deps.Now}}
	if err := s.expose(); err != nil {
		return nil, fmt.Errorf("ingest: registering metrics: %w", err)
	}
	var err error
	if s.texts, err = newTexts(); err != nil {
		return nil, fmt.Errorf("ingest: %w", err)
	}
	if s.portal, err = portalOf(s); err != nil {
		return nil, fmt.Errorf("ingest: %w", err)
	}
	s.mux = s.routes()
	return s, nil
}

func (s *Server) expose() error {
	if s.deps.Metrics == nil {
		return nil
	}
	err := s.deps.Metrics.Register(s.counts)
	if s.deps.Backlog != nil {
		err = errors.Join(err, s.deps.Metrics.Register(s.watch.gauge()))
	}
	return err
}

func (d *Deps) validate() error {
	var errs []error
	for name, missing := range map[string]bool{
		"Producer": d.Producer == nil, "Sealer": d.Sealer == nil, "Routing": d.Routing == nil,
		"Fingerprint": d.Fingerprint == nil, "Publishers": d.Publishers == nil, "Registry": d.Registry == nil,
	} {
		if missing {
			errs = append(errs, fmt.Errorf("deps: no %s", name))
		}
	}
	return errors.Join(errs...)
}

// Roots are the paths below which the server answers.
var Roots = []string{"/xapi/", "/ingest/", portal.Root}

// Handler serves every path under Roots.
func (s *Server) Handler() http.Handler { return s.mux }

// Ready says whether requests can be answered.
func (s *Server) Ready() error { return s.deps.Publishers.Ready() }

// Run watches the backlog, forgets what can be read back, and reports counts to the topic quality until ctx
// ends, and once more then. The listener MUST have stopped before ctx ends, or
// the last counts miss the last requests.
func (s *Server) Run(ctx context.Context) error {
	var watching sync.WaitGroup
	watching.Go(func() { s.watchBacklog(ctx) })
	watching.Go(func() { s.window.Run(ctx) })
	watching.Go(func() { s.followQuality(ctx) })
	watching.Go(func() { s.sandbox.Run(ctx) })
	defer watching.Wait()
	ticker := time.NewTicker(s.cfg.Quality)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.report(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastReport)
			defer cancel()
			s.report(last)
			return nil
		}
	}
}

const lastReport = 3 * time.Second
