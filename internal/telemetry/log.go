package telemetry

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// LogConfig says what is logged and how.
type LogConfig struct {
	Level  string `koanf:"level"`  // debug | info | warn | error
	Format string `koanf:"format"` // text | json
}

// DefaultLogConfig logs from level info, as text.
func DefaultLogConfig() LogConfig { return LogConfig{Level: "info", Format: "text"} }

// Validate reports every fault.
func (c LogConfig) Validate() error {
	var all []error
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		all = append(all, fmt.Errorf("log level %q: want debug, info, warn or error", c.Level))
	}
	if c.Format != "text" && c.Format != "json" {
		all = append(all, fmt.Errorf("log format %q: want text or json", c.Format))
	}
	return errors.Join(all...)
}

// Withheld stands in the place of every value whose key is not allowed.
const Withheld = "[withheld]"

// Logger writes logs through the allow-list of attribute keys.
type Logger struct {
	*slog.Logger
	withheld atomic.Int64
}

// NewLogger builds the process's log. Keys beyond the built-in ones are
// allowed by naming them; none of them may ever carry an actor, a statement or
// an exact count of pupils.
func NewLogger(w io.Writer, cfg LogConfig, moreKeys ...string) (*Logger, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	allowed := maps.Clone(allowedKeys)
	for _, k := range moreKeys {
		allowed[k] = true
	}
	l := &Logger{}
	opts := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindGroup || allowed[a.Key] {
			return a
		}
		l.withheld.Add(1)
		return slog.String(a.Key, Withheld)
	}}
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		return nil, err
	}
	opts.Level = level
	var h slog.Handler = slog.NewTextHandler(w, opts)
	if cfg.Format == "json" {
		h = slog.NewJSONHandler(w, opts)
	}
	l.Logger = slog.New(h)
	return l, nil
}

// Withheld counts the attributes that were not allowed: in a correct program
// it stays zero.
func (l *Logger) Withheld() int64 { return l.withheld.Load() }

// Register exposes the count as a metric.
func (l *Logger) Register(r prometheus.Registerer) error {
	return r.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "brume_log_withheld_total",
		Help: "Log attributes withheld because their key is not on the allow-list.",
	}, func() float64 { return float64(l.withheld.Load()) }))
}

// Discard is a logger for tests.
func Discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
