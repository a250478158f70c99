package ingest

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"brume/ingest/parts"
	"brume/ingest/portal"
	"brume/ingest/publishers"
	"brume/ingest/tally"
	"brume/schemas/topics"
)

// outage remembers the last answer to records that says that none are taken.
type outage struct {
	now func() time.Time

	mu   sync.Mutex
	code string // "" when they are
	at   time.Time
}

// trusted is how long such an answer tells about now when nothing comes after.
const trusted = time.Minute

// turns remembers since when statements are taken, or not.
type turns struct {
	mu    sync.Mutex
	code  string // "" while they are taken
	since time.Time
}

// at notes the state at an instant and returns since when it is that.
func (t *turns) at(code string, now time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.since.IsZero() || code != t.code {
		t.code, t.since = code, now
	}
	return t.since
}

// met notes what records met on their way to the broker, "" when it has them. A
// full house is no outage.
func (o *outage) met(code string) {
	if code == "unavailable.busy" || code != "" && !strings.HasPrefix(code, "unavailable.") {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.code, o.at = code, o.now()
}

// lasting is the code of an outage that is not over as far as anybody knows.
func (o *outage) lasting(now time.Time) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.Sub(o.at) < trusted {
		return o.code
	}
	return ""
}

// State says whether statements are taken now, and since when.
func (s *Server) State() portal.State {
	now := s.deps.Now()
	code := s.refusal(now)
	state := portal.State{Taking: code == "", Code: code, Since: s.turns.at(code, now)}
	if age, err := s.watch.age(); err == nil && s.watch.log != nil {
		state.Lag, state.LagKnown = age, true
	}
	return state
}

// refusal is the code that statements would be answered with, or "".
func (s *Server) refusal(now time.Time) string {
	if err := s.Ready(); err != nil {
		return publishers.RefusalOf(err).Code
	}
	if p := s.watch.refuse(); p != nil {
		return p.Code
	}
	return s.outage.lasting(now)
}

// portalOf builds the publishers' pages.
func portalOf(s *Server) (*portal.Portal, error) {
	attached := parts.DefaultLimits()
	return portal.New(portal.DefaultConfig(), portal.Deps{
		Publishers: s.deps.Publishers, Quality: s.deps.Quality, Zone: s.deps.Zone, State: s.State,
		Versions: versions, Log: s.deps.Log, Now: s.deps.Now,
		Limits: portal.Limits{Body: s.cfg.Body, Bulk: s.cfg.Bulk, BulkLines: s.cfg.BulkLines, Statement: s.cfg.Statement, Batch: s.cfg.Batch, Depth: s.cfg.Depth,
			GzipRatio: s.cfg.GzipRatio, Parts: attached.Parts, PartBytes: attached.Bytes, Readback: s.cfg.Readback},
	})
}

// Counts is what happened to statements since the start, over all publishers,
// sandbox keys left out.
func (s *Server) Counts() tally.Sum { return s.counts.Sum() }

// report tells the topic quality what happened since the last time.
func (s *Server) report(ctx context.Context) {
	err := s.counts.Report(ctx, s.cfg.Instance, func(ctx context.Context, value []byte) error {
		return s.deps.Producer.Produce(ctx, topics.Quality, 0, value)
	})
	if err != nil {
		s.deps.Log.Warn("reporting quality", "err", err)
	}
}

// followQuality keeps the publishers' figures up to date. Without them the
// endpoint goes on.
func (s *Server) followQuality(ctx context.Context) {
	if err := s.portal.Run(ctx); err != nil {
		s.deps.Log.Error("publishers see no new figures", "err", err)
	}
}

// paged serves the publishers' pages and counts the status.
func (s *Server) paged(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.deps.Now()
		status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		if p := credentialsInURL(r); p != nil {
			s.answer(status, p)
		} else {
			pages.ServeHTTP(status, r)
		}
		s.counts.Request(status.status, s.deps.Now().Sub(began))
	})
}
