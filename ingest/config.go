package ingest

import (
	"errors"
	"fmt"
	"time"

	"brume/ingest/publishers/tokens"
	"brume/ingest/readback"
	"brume/internal/config"
	"brume/schemas/xapi"
)

// The clocks: which time counts as that of reception.
const (
	WallClock = "wall" // now
	DataClock = "data" // the statement's own, for simulated and replayed years
)

// Config bounds what requests may cost.
type Config struct {
	Partitions  int           `koanf:"-"`           // of the topic statements, fixed for the school year; set by the process
	Clock       string        `koanf:"clock"`       // wall | data
	Instance    string        `koanf:"instance"`    // names this process in the topic quality
	Body        int64         `koanf:"body"`        // bytes; half as many after decompression
	Bulk        int64         `koanf:"bulk"`        // the same, of a request of lines
	BulkLines   int           `koanf:"bulk_lines"`  // of such a request
	GzipRatio   int64         `koanf:"gzip_ratio"`  // decompressed to compressed bytes
	Statement   int           `koanf:"statement"`   // bytes
	Batch       int           `koanf:"batch"`       // statements
	Depth       int           `koanf:"depth"`       // of JSON
	Requests    int           `koanf:"requests"`    // worked on at once; more get 503
	Acknowledge time.Duration `koanf:"acknowledge"` // longest wait for the broker
	Quality     time.Duration `koanf:"quality"`     // between records on the topic quality
	Origins     []string      `koanf:"origins"`     // sites whose pages may send statements; * is all
	Group       string        `koanf:"group"`       // consumer group of the anonymizers
	OAuth       tokens.Config `koanf:"oauth"`       // whose access tokens are accepted beside keys
	Backlog     time.Duration `koanf:"backlog"`     // age of the oldest unfolded record from which statements are refused

	Readback      time.Duration `koanf:"readback"`       // how long publishers can read their statements back; 0: not at all
	ReadbackBytes int64         `koanf:"readback_bytes"` // memory for that, index included
}

// DefaultConfig holds the documented limits.
func DefaultConfig() Config {
	limits := xapi.DefaultLimits()
	return Config{
		Partitions:  64,
		Clock:       WallClock,
		Instance:    "ingest",
		Body:        8 << 20,
		Bulk:        64 << 20,
		BulkLines:   20_000,
		GzipRatio:   20,
		Statement:   limits.Bytes,
		Batch:       limits.Statements,
		Depth:       limits.Depth,
		Requests:    512,
		Acknowledge: 15 * time.Second,
		Quality:     time.Minute,
		Origins:     []string{AnyOrigin},
		Group:       "anonymize",
		OAuth:       tokens.DefaultConfig(),
		Backlog:     60 * time.Hour,

		Readback:      15 * time.Minute,
		ReadbackBytes: 64 << 20,
	}
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	var errs []error
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"partitions", int64(c.Partitions)}, {"body", c.Body}, {"bulk", c.Bulk}, {"bulk_lines", int64(c.BulkLines)}, {"gzip_ratio", c.GzipRatio}, {"statement", int64(c.Statement)},
		{"batch", int64(c.Batch)}, {"depth", int64(c.Depth)}, {"requests", int64(c.Requests)},
		{"acknowledge", int64(c.Acknowledge)}, {"quality", int64(c.Quality)},
	} {
		if f.value < 1 {
			errs = append(errs, fmt.Errorf("%s: want more than 0", f.name))
		}
	}
	if c.Clock != WallClock && c.Clock != DataClock {
		errs = append(errs, fmt.Errorf("clock: want %s or %s", WallClock, DataClock))
	}
	if c.Instance == "" {
		errs = append(errs, errors.New("instance: want a name"))
	}
	return errors.Join(append(errs, c.validateBacklog(), c.validateOrigins(),
		readback.Config{Keep: c.Readback, Bytes: c.ReadbackBytes}.Validate(), config.In("oauth", c.OAuth.Validate()))...)
}

func (c Config) window() readback.Config {
	return readback.Config{Keep: c.Readback, Bytes: c.ReadbackBytes - c.sandbox().Bytes}
}

func (c Config) sandbox() readback.Config {
	return readback.Config{Keep: c.Readback, Bytes: c.ReadbackBytes / 8}
}

func (c Config) limits() xapi.Limits {
	l := xapi.DefaultLimits()
	l.Bytes, l.Statements, l.Depth = c.Statement, c.Batch, c.Depth
	return l
}
