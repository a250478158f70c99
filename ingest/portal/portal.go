package portal

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"brume/ingest/publishers"
	"brume/internal/kafka"
	"brume/internal/look"
)

// Root is the path below which the portal answers.
const Root = "/publishers/"

// Authenticator knows whose request it is; see publishers.Store.
type Authenticator interface {
	Authenticate(r *http.Request) (publishers.Publisher, error)
}

// State says whether the endpoint takes statements now.
type State struct {
	Taking   bool
	Code     string    // of the answer, when it takes none
	Since    time.Time // of this state
	Lag      time.Duration
	LagKnown bool
}

// Limits are the running configuration's, for people to read.
type Limits struct {
	Body      int64         `json:"body_bytes"` // after decompression too
	Bulk      int64         `json:"bulk_bytes"` // the same, of lines
	BulkLines int           `json:"bulk_lines"`
	Statement int           `json:"statement_bytes"`
	Batch     int           `json:"batch_statements"`
	Depth     int           `json:"json_depth"`
	GzipRatio int64         `json:"compression_ratio"`
	Parts     int           `json:"attachment_parts"`
	PartBytes int64         `json:"attachment_bytes"`
	Readback  time.Duration `json:"-"` // 0: off
}

// Config bounds what figures may cost.
type Config struct {
	Buckets int // hours and days held, of all publishers
}

// DefaultConfig suits some hundred publishers: about 100 MB at most.
func DefaultConfig() Config { return Config{Buckets: 200_000} }

// Deps are what the portal stands on.
type Deps struct {
	Publishers Authenticator
	Quality    *kafka.Client  // nil: no figures
	Zone       *time.Location // of days; nil: UTC
	State      func() State
	Limits     Limits
	Versions   []string // of xAPI
	Log        *slog.Logger
	Now        func() time.Time
}

// Portal serves what is below Root.
type Portal struct {
	deps      Deps
	history   *History
	follower  *Follower // nil: no figures
	codes     codes
	locales   []*look.Locale // French, then English
	views     map[string]*template.Template
	assets    *look.Assets
	described []byte // the API, as OpenAPI
	mux       *http.ServeMux
}

// New builds the pages; nothing runs yet.
func New(cfg Config, deps Deps) (*Portal, error) {
	if cfg.Buckets < 1 {
		return nil, errors.New("portal: buckets: want more than 0")
	}
	if deps.Zone == nil {
		deps.Zone = time.UTC
	}
	p := &Portal{deps: deps, history: NewHistory(deps.Zone, cfg.Buckets, deps.Now)}
	if deps.Quality != nil {
		p.follower = NewFollower(deps.Quality, p.history, deps.Log)
	}
	if err := p.load(); err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	p.mux = p.routes()
	return p, nil
}

// Run keeps the figures up to date until ctx ends.
func (p *Portal) Run(ctx context.Context) error {
	if p.follower == nil {
		return nil
	}
	return p.follower.Run(ctx)
}

// Handler serves every path below Root.
func (p *Portal) Handler() http.Handler { return p.mux }
