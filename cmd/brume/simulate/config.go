// Package simulate invents a school year of xAPI statements: seeded, with the
// rhythm, the skew and the faults of real ones. The same configuration gives
// the same bytes, and a run of more weeks begins with the run of fewer.
//
// Memory is bounded by the pupils, not by the statements: bodies are built one
// at a time in a buffer that is used again.
package simulate

import (
	"errors"
	"fmt"

	"brume/schemas/policy"
	"brume/schemas/registry"
)

// Calendar is the school year: *policy.Policy is one.
type Calendar interface {
	Windows(policy.Cadence) []policy.Window
	InSession(zone string, w policy.Window) bool
}

// SchoolYear is the simulated year when the configuration names no calendar.
const SchoolYear = "2026-2027"

// Config says what to simulate.
type Config struct {
	Pupils   int
	Weeks    int // the year's first school weeks, over all zones
	Seed     uint64
	Registry *registry.Registry // nil: the whole demonstration
	Calendar Calendar           // nil: that of the default policy of SchoolYear
}

// Departments is the number of departments that so many pupils fill: one for
// every 10,000, from one to four.
func Departments(pupils int) int { return min(max(pupils/10_000, 1), 4) }

// DefaultConfig is the beginning of a year in two departments.
func DefaultConfig() Config { return Config{Pupils: 20_000, Weeks: 4, Seed: 1} }

// complete fills in the default registry and calendar.
func (c Config) complete() (Config, error) {
	if c.Registry == nil {
		c.Registry = registry.Demonstration(0)
	}
	if c.Calendar == nil {
		p, err := policy.Default(SchoolYear)
		if err != nil {
			return c, fmt.Errorf("calendar: %w", err)
		}
		c.Calendar = p
	}
	return c, nil
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	c, err := c.complete()
	if err != nil {
		return err
	}
	var all []error
	if c.Pupils < 1 || c.Pupils > 20_000_000 {
		all = append(all, fmt.Errorf("pupils: %d is outside 1…20,000,000", c.Pupils))
	}
	if n := len(c.Calendar.Windows(policy.Weekly)); c.Weeks < 1 || c.Weeks > n {
		all = append(all, fmt.Errorf("weeks: %d is outside 1…%d", c.Weeks, n))
	}
	if len(c.Registry.Schools) == 0 {
		all = append(all, errors.New("registry: no schools"))
	}
	return errors.Join(all...)
}

// populated gives the codes of the departments that have pupils: the
// demonstration's, in its order, else the registry's first ones.
func (c Config) populated() map[string]bool {
	codes := map[string]bool{}
	n := Departments(c.Pupils)
	for _, code := range registry.DemonstrationDepartments() {
		if _, ok := c.Registry.Department(code); ok && len(codes) < n {
			codes[code] = true
		}
	}
	for _, d := range c.Registry.Departments {
		if len(codes) < n {
			codes[d.Code] = true
		}
	}
	return codes
}
