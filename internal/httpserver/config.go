package httpserver

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// Config bounds what one connection may cost.
type Config struct {
	Listen        string        `koanf:"listen"`         // host:port; port 0 picks a free one
	HeaderTimeout time.Duration `koanf:"header_timeout"` // to send the header
	ReadTimeout   time.Duration `koanf:"read_timeout"`   // to send header and body
	WriteTimeout  time.Duration `koanf:"write_timeout"`  // from the end of the header to the end of the answer
	IdleTimeout   time.Duration `koanf:"idle_timeout"`   // between requests
	HeaderBytes   int           `koanf:"header_bytes"`
	Drain         time.Duration `koanf:"drain"` // for requests in flight at the end
}

// DefaultConfig suits ingestion: bodies up to 8 MiB, answers after the broker.
func DefaultConfig() Config {
	return Config{
		Listen:        "127.0.0.1:8080",
		HeaderTimeout: 5 * time.Second,
		ReadTimeout:   30 * time.Second,
		WriteTimeout:  60 * time.Second,
		IdleTimeout:   2 * time.Minute,
		HeaderBytes:   16 << 10,
		Drain:         20 * time.Second,
	}
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	var errs []error
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		errs = append(errs, fmt.Errorf("listen: %w", err))
	}
	for name, d := range map[string]time.Duration{
		"header_timeout": c.HeaderTimeout, "read_timeout": c.ReadTimeout, "write_timeout": c.WriteTimeout,
		"idle_timeout": c.IdleTimeout, "drain": c.Drain,
	} {
		if d <= 0 {
			errs = append(errs, fmt.Errorf("%s: want more than 0", name))
		}
	}
	if c.HeaderBytes < 1<<10 {
		errs = append(errs, errors.New("header_bytes: want at least 1024"))
	}
	return errors.Join(errs...)
}
