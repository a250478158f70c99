package aggregate

import (
	"errors"
	"time"
)

// Config holds the loader's settings.
type Config struct {
	RetryMin time.Duration `koanf:"retry_min" yaml:"retry_min"` // first wait after ClickHouse failed
	RetryMax time.Duration `koanf:"retry_max" yaml:"retry_max"` // longest wait
}

// DefaultConfig returns the settings for every size of installation.
func DefaultConfig() Config {
	return Config{RetryMin: 250 * time.Millisecond, RetryMax: 10 * time.Second}
}

// Validate reports all faults at once.
func (c Config) Validate() error {
	var faults []error
	if c.RetryMin <= 0 {
		faults = append(faults, errors.New("aggregate.retry_min: must be positive"))
	}
	if c.RetryMax < c.RetryMin {
		faults = append(faults, errors.New("aggregate.retry_max: must not be below retry_min"))
	}
	return errors.Join(faults...)
}
