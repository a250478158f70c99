package kafka

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// Config says where the brokers are and how patient to be with them.
type Config struct {
	Brokers     []string `koanf:"brokers"` // host:port
	Prefix      string   `koanf:"prefix"`  // before every topic and group name
	Replication int      `koanf:"replication"`
	Embedded    bool     `koanf:"-"` // the broker runs in this process: one copy, and its user knows
	Security    `koanf:",squash" yaml:",inline"`

	// MaxInFlightBytes bounds what Produce holds in memory; beyond it callers
	// get ErrBusy.
	MaxInFlightBytes int64 `koanf:"max_in_flight_bytes"`
	// RetryFor is how long one batch is tried before its callers are told.
	RetryFor time.Duration `koanf:"retry_for"`
	// SessionTimeout is how long a silent group member keeps its partitions.
	SessionTimeout time.Duration `koanf:"session_timeout"`
}

// DefaultConfig suits one unreplicated broker; a cluster needs at least
// brokers and replication.
func DefaultConfig() Config {
	return Config{
		Replication:      1,
		MaxInFlightBytes: 256 << 20,
		RetryFor:         30 * time.Second,
		SessionTimeout:   10 * time.Second,
	}
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	var errs []error
	if len(c.Brokers) == 0 {
		errs = append(errs, errors.New("kafka.brokers is empty"))
	}
	for _, b := range c.Brokers {
		if _, _, err := net.SplitHostPort(b); err != nil {
			errs = append(errs, fmt.Errorf("kafka.brokers: %w", err))
		}
	}
	if c.Replication < 1 {
		errs = append(errs, errors.New("kafka.replication must be at least 1"))
	}
	if c.MaxInFlightBytes < 1 {
		errs = append(errs, errors.New("kafka.max_in_flight_bytes must be positive"))
	}
	if c.RetryFor <= 0 {
		errs = append(errs, errors.New("kafka.retry_for must be positive"))
	}
	if c.SessionTimeout < time.Second {
		errs = append(errs, errors.New("kafka.session_timeout must be at least 1s"))
	}
	return errors.Join(append(errs, c.Security.validate())...)
}
