package ingest

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"brume/ingest/parts"
	"brume/ingest/portal"
)

// trouble remembers the last answer to statements that says that none are
// taken; see counts.
type trouble struct {
	code string
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
func (c *counts) met(code string) {
	if code == "unavailable.busy" || code != "" && !strings.HasPrefix(code, "unavailable.") {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trouble = trouble{code, c.now()}
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
	if s.Ready() != nil {
		return "unavailable.starting"
	}
	if p := s.watch.refuse(); p != nil {
		return p.Code
	}
	s.counts.mu.Lock()
	defer s.counts.mu.Unlock()
	if t := s.counts.trouble; t.code != "" && now.Sub(t.at) < trusted {
		return t.code
	}
	return ""
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
		s.counts.request(status.status, s.deps.Now().Sub(began))
	})
}
