package dashboards

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"brume/aggregate/query"
	"brume/internal/clickhouse"
	"brume/internal/look"
)

// Deps are what the pages stand on. ClickHouse MUST be opened as a user who
// may only read the published database.
type Deps struct {
	ClickHouse *clickhouse.Client
	Log        *slog.Logger
	Metrics    prometheus.Registerer // may be nil
}

// Server renders the pages.
type Server struct {
	cfg     Config
	reader  *query.Reader
	log     *slog.Logger
	pages   *prometheus.CounterVec
	locales []*locale // French, then English
	views   map[string]map[string]*template.Template
	assets  *look.Assets
}

// New builds the pages; it asks nothing of ClickHouse.
func New(cfg Config, deps Deps) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if deps.Metrics == nil {
		deps.Metrics = prometheus.NewRegistry()
	}
	s := &Server{
		cfg:    cfg,
		reader: query.New(deps.ClickHouse, cfg.Limits),
		log:    deps.Log,
		pages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "brume_dashboards_pages_total",
			Help: "Pages served, by page and status.",
		}, []string{"page", "status"}),
		views: map[string]map[string]*template.Template{},
	}
	deps.Metrics.MustRegister(s.pages)
	if err := s.loadAssets(); err != nil {
		return nil, err
	}
	for _, lang := range [][2]string{{"fr", ""}, {"en", "/en"}} {
		l, err := newLocale(lang[0], lang[1])
		if err != nil {
			return nil, err
		}
		s.locales = append(s.locales, l)
		if s.views[l.Lang], err = s.parse(l); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Handler serves the pages at "/" (French) and "/en/" (English), and their
// assets at "/static/".
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, l := range s.locales {
		mux.Handle("GET "+l.prefix+"/{$}", s.page(l, "overview", s.overview))
		mux.Handle("GET "+l.prefix+"/trend", s.page(l, "trend", s.trend))
		mux.Handle("GET "+l.prefix+"/trend.csv", look.Secure(s.csv(l)))
		mux.Handle("GET "+l.prefix+"/transparency", s.page(l, "transparency", s.transparency))
		mux.Handle("GET "+l.prefix+"/method", s.page(l, "method", s.method))
		mux.Handle("GET "+l.prefix+"/", s.page(l, "error", s.notFound))
	}
	mux.Handle("GET /static/{file}", look.Secure(http.HandlerFunc(s.assets.Serve)))
	return mux
}

// view makes a page's content; it fills in the page's frame as it goes.
type view func(ctx context.Context, l *locale, r *http.Request, p *page) error

// page answers with a view, or with the page that says why it cannot.
func (s *Server) page(l *locale, name string, make view) http.Handler {
	return look.Secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.cfg.Timeout)
		defer cancel()
		p := s.frame(l, name, r)
		if err := make(ctx, l, r, p); err != nil {
			if r.Context().Err() == nil {
				s.log.Error("page could not be made", "page", name, "error", err)
			}
			p = s.frame(l, "error", r)
			p.fail(l, http.StatusServiceUnavailable)
		}
		s.write(w, l, p)
	}))
}

func (s *Server) write(w http.ResponseWriter, l *locale, p *page) {
	var b bytes.Buffer
	if err := s.views[l.Lang][p.View].Execute(&b, p); err != nil {
		s.log.Error("page could not be written", "page", p.View, "error", err)
		http.Error(w, l.T("error.500"), http.StatusInternalServerError)
		s.pages.WithLabelValues(p.View, "500").Inc()
		return
	}
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retrySeconds)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", l.Lang)
	w.Header().Set("Cache-Control", "no-cache")
	w.WriteHeader(p.Status)
	_, _ = w.Write(b.Bytes()) // the reader may be gone
	s.pages.WithLabelValues(p.View, fmt.Sprint(p.Status)).Inc()
}

// Check reports whether ClickHouse answers; for readiness, not for pages.
func (s *Server) Check(ctx context.Context) error {
	if err := s.reader.Ping(ctx); err != nil {
		return errors.Join(errors.New("dashboards: clickhouse does not answer"), err)
	}
	return nil
}
