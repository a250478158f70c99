// Package base is what every Brume process begins with: the shared part of
// its configuration, its logger, metrics and Kafka client, and the policies
// and registry that it was given.
package base

import (
	"errors"
	"fmt"

	"brume/internal/kafka"
	"brume/internal/telemetry"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// Config is the part of the configuration that all services share.
type Config struct {
	Log        telemetry.LogConfig `koanf:"log" yaml:"log"`
	Metrics    string              `koanf:"metrics" yaml:"metrics"` // address of the operators' port
	Kafka      kafka.Config        `koanf:"kafka" yaml:"kafka"`
	Partitions int                 `koanf:"partitions" yaml:"partitions"` // of topic statements; fixed for the school year
	Policies   []string            `koanf:"policies" yaml:"policies"`     // built-in school years, or files
	Registry   string              `koanf:"registry" yaml:"registry"`     // directory; empty: the demonstration registry
	Keys       string              `koanf:"keys" yaml:"keys"`             // key directory

	Departments int `koanf:"-" yaml:"-"` // of the demonstration registry; 0: all
}

// DefaultConfig returns the configuration of one of several services.
func DefaultConfig() Config {
	return Config{
		Log: telemetry.DefaultLogConfig(), Metrics: "127.0.0.1:9090", Kafka: kafka.DefaultConfig(),
		Partitions: 64, Policies: []string{"2021-2022", "2026-2027"}, Keys: "keys",
	}
}

// Validate reports every fault.
func (c Config) Validate() error {
	var faults []error
	faults = append(faults, c.Log.Validate(), c.Kafka.Validate())
	if c.Partitions < 1 || c.Partitions > 4096 {
		faults = append(faults, fmt.Errorf("partitions: %d is not 1…4096", c.Partitions))
	}
	if len(c.Policies) == 0 {
		faults = append(faults, errors.New("policies: at least one is needed"))
	}
	if c.Keys == "" {
		faults = append(faults, errors.New("keys: a key directory is needed"))
	}
	return errors.Join(faults...)
}

// LoadRegistry returns the configured registry.
func (c Config) LoadRegistry() (*registry.Registry, error) {
	if c.Registry == "" {
		return registry.Demonstration(c.Departments), nil
	}
	return registry.Load(c.Registry)
}

// LoadPlans returns the plan of each configured policy, checked against the
// registry.
func (c Config) LoadPlans(reg *registry.Registry) ([]*policy.Plan, error) {
	var plans []*policy.Plan
	var faults []error
	for _, name := range c.Policies {
		plan, err := loadPlan(name, reg)
		if err != nil {
			faults = append(faults, fmt.Errorf("policy %s: %w", name, err))
			continue
		}
		plans = append(plans, plan)
	}
	return plans, errors.Join(faults...)
}

func loadPlan(name string, reg *registry.Registry) (*policy.Plan, error) {
	p, err := LoadPolicy(name)
	if err != nil {
		return nil, err
	}
	if err := p.CheckRegistry(reg); err != nil {
		return nil, err
	}
	return p.Plan()
}

// LoadPolicy returns a built-in policy by its school year, or one from a file.
func LoadPolicy(name string) (*policy.Policy, error) {
	if p, err := policy.Default(name); err == nil {
		return p, nil
	}
	return policy.Load(name)
}

// Topics returns the topics with the partition count of this installation.
func (c Config) Topics() []kafka.Topic {
	var out []kafka.Topic
	for _, t := range topics.All() {
		partitions := 1
		if t.Partitioned {
			partitions = c.Partitions
		}
		out = append(out, kafka.Topic{Name: t.Name, Partitions: partitions, Compact: t.Compact, Retention: t.Retention})
	}
	return out
}
