package dashboards

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"

	"github.com/prometheus/client_golang/prometheus"

	"brume/internal/clickhouse"

	"brume/aggregate/query"
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
	assets  map[string][]byte // by the name in its address
	styles  []string          // addresses of the style sheets
	mark    string            // address of the mark
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
		views:  map[string]map[string]*template.Template{},
		assets: map[string][]byte{},
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
		if s.views[l.lang], err = s.parse(l); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// loadAssets names each file by its content, so that it may be cached for ever.
func (s *Server) loadAssets() error {
	css, err := fs.ReadFile(web, "web/static/brume.css")
	if err != nil {
		return fmt.Errorf("reading the style sheet: %w", err)
	}
	mark, err := fs.ReadFile(web, "web/static/brume.svg")
	if err != nil {
		return fmt.Errorf("reading the mark: %w", err)
	}
	hills, err := fs.ReadFile(web, "web/static/hills.svg")
	if err != nil {
		return fmt.Errorf("reading the hills: %w", err)
	}
	s.mark = s.asset("brume", ".svg", mark)
	scene := s.asset("hills", ".svg", hills)
	css = bytes.ReplaceAll(css, []byte("hills.svg"), []byte(filepath.Base(scene)))
	s.styles = []string{s.asset("brume", ".css", css)}
	if s.cfg.ThemeDir != "" {
		theme, err := os.ReadFile(filepath.Join(s.cfg.ThemeDir, "theme.css"))
		if err != nil {
			return fmt.Errorf("reading the theme: %w", err)
		}
		s.styles = append(s.styles, s.asset("theme", ".css", theme))
	}
	return nil
}

func (s *Server) asset(name, ext string, content []byte) string {
	sum := sha256.Sum256(content)
	file := name + "." + hex.EncodeToString(sum[:6]) + ext
	s.assets[file] = content
	return "/static/" + file
}

// parse reads the templates for one language.
func (s *Server) parse(l *locale) (map[string]*template.Template, error) {
	views := map[string]*template.Template{}
	funcs := template.FuncMap{"t": l.t, "arg": choice}
	for _, name := range []string{"overview", "trend", "transparency", "method", "error"} {
		view := template.New("layout.html").Funcs(funcs)
		files := []string{"layout.html", "parts.html", name + ".html"}
		if name == "method" {
			files[2] = "method." + l.lang + ".html"
		}
		for _, file := range files {
			text, err := fs.ReadFile(web, "web/templates/"+file)
			if err != nil {
				return nil, fmt.Errorf("reading template %s: %w", file, err)
			}
			if file == "method.fr.html" {
				text = []byte(l.spaced(string(text)))
			}
			if _, err := view.Parse(string(text)); err != nil {
				return nil, fmt.Errorf("parsing template %s: %w", file, err)
			}
		}
		views[name] = view
	}
	return views, nil
}

// Handler serves the pages at "/" (French) and "/en/" (English), and their
// assets at "/static/".
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, l := range s.locales {
		mux.Handle("GET "+l.prefix+"/{$}", s.page(l, "overview", s.overview))
		mux.Handle("GET "+l.prefix+"/trend", s.page(l, "trend", s.trend))
		mux.Handle("GET "+l.prefix+"/trend.csv", s.secure(s.csv(l)))
		mux.Handle("GET "+l.prefix+"/transparency", s.page(l, "transparency", s.transparency))
		mux.Handle("GET "+l.prefix+"/method", s.page(l, "method", s.method))
		mux.Handle("GET "+l.prefix+"/", s.page(l, "error", s.notFound))
	}
	mux.Handle("GET /static/{file}", s.secure(http.HandlerFunc(s.static)))
	return mux
}

// secure sets the headers that every answer carries.
func (s *Server) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; "+
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

func (s *Server) static(w http.ResponseWriter, r *http.Request) {
	content, ok := s.assets[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	kind := "text/css; charset=utf-8"
	if filepath.Ext(r.PathValue("file")) == ".svg" {
		kind = "image/svg+xml"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(content) // the reader may be gone
}

// view makes a page's content; it fills in the page's frame as it goes.
type view func(ctx context.Context, l *locale, r *http.Request, p *page) error

// page answers with a view, or with the page that says why it cannot.
func (s *Server) page(l *locale, name string, make view) http.Handler {
	return s.secure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
	if err := s.views[l.lang][p.View].Execute(&b, p); err != nil {
		s.log.Error("page could not be written", "page", p.View, "error", err)
		http.Error(w, l.t("error.500"), http.StatusInternalServerError)
		s.pages.WithLabelValues(p.View, "500").Inc()
		return
	}
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retrySeconds)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", l.lang)
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
