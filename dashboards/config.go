package dashboards

import (
	"errors"
	"fmt"
	"os"
	"time"

	"brume/aggregate/query"
)

// Config holds the pages' settings.
type Config struct {
	DefaultArea string        `koanf:"default_area" yaml:"default_area"` // perimeter of a page without one
	Demo        bool          `koanf:"demo" yaml:"demo"`                 // say on every page that the pupils are invented
	ThemeDir    string        `koanf:"theme_dir" yaml:"theme_dir"`       // optional; its theme.css is served after ours
	Timeout     time.Duration `koanf:"timeout" yaml:"timeout"`           // for all the queries of one page
	Limits      query.Limits  `koanf:"limits" yaml:"limits"`             // what is masked or unreliable
}

// DefaultConfig shows the whole country.
func DefaultConfig() Config {
	return Config{DefaultArea: "france", Timeout: 10 * time.Second, Limits: query.DefaultLimits()}
}

// Validate reports all faults at once.
func (c Config) Validate() error {
	faults := []error{c.Limits.Validate()}
	if c.DefaultArea == "" {
		faults = append(faults, errors.New("dashboards.default_area: missing"))
	}
	if c.Timeout <= 0 {
		faults = append(faults, errors.New("dashboards.timeout: must be positive"))
	}
	if c.ThemeDir != "" {
		if _, err := os.Stat(c.ThemeDir); err != nil {
			faults = append(faults, fmt.Errorf("dashboards.theme_dir: %w", err))
		}
	}
	return errors.Join(faults...)
}
