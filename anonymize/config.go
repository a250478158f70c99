package anonymize

import (
	"errors"
	"fmt"
	"time"
)

// Config is the service's own configuration.
type Config struct {
	Group         string        `koanf:"group" yaml:"group"`                   // consumer group
	SnapshotEvery time.Duration `koanf:"snapshot_every" yaml:"snapshot_every"` // at most this much is replayed after a crash
}

// DefaultConfig returns the configuration that fits most installations.
func DefaultConfig() Config {
	return Config{Group: "anonymize", SnapshotEvery: 30 * time.Second}
}

// Validate reports every fault.
func (c Config) Validate() error {
	var faults []error
	if c.Group == "" {
		faults = append(faults, errors.New("anonymize.group: must not be empty"))
	}
	if c.SnapshotEvery < time.Second {
		faults = append(faults, fmt.Errorf("anonymize.snapshot_every: %s is under a second", c.SnapshotEvery))
	}
	return errors.Join(faults...)
}
