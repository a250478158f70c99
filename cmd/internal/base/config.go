// Package base is what every Brume process begins with: the shared part of
// its configuration, its logger, metrics and Kafka client, and the policies
// and registry that it was given.
package base

import (
	"errors"
	"fmt"
	"path/filepath"

	"brume/cmd/internal/chain"
	"brume/cmd/internal/process"
	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// Config is the part of the configuration that all services share.
type Config struct {
	process.Config `koanf:",squash" yaml:",inline"`
	Kafka          kafka.Config `koanf:"kafka" yaml:"kafka"`
	Partitions     int          `koanf:"partitions" yaml:"partitions"` // of topic statements; fixed for the school year
	Policies       []string     `koanf:"policies" yaml:"policies"`     // built-in school years, or files; of one year the earlier first
	Registry       string       `koanf:"registry" yaml:"registry"`     // directory; empty: the demonstration registry
	Keys           string       `koanf:"keys" yaml:"keys"`             // key directory
	State          string       `koanf:"state" yaml:"state"`           // directory that remembers the ledger's head

	Departments int `koanf:"-" yaml:"-"` // of the demonstration registry; 0: all
}

// DefaultConfig returns the configuration of one of several services.
func DefaultConfig() Config {
	return Config{
		Config: process.DefaultConfig(), Kafka: kafka.DefaultConfig(),
		Partitions: 64, Policies: []string{"2021-2022", "2026-2027"}, Keys: "keys", State: "state",
	}
}

// Validate reports every fault.
func (c Config) Validate() error {
	var faults []error
	faults = append(faults, c.Config.Validate(), c.Kafka.Validate())
	if c.Partitions < 1 || c.Partitions > 4096 {
		faults = append(faults, fmt.Errorf("partitions: %d is not 1…4096", c.Partitions))
	}
	if len(c.Policies) == 0 {
		faults = append(faults, errors.New("policies: at least one is needed"))
	}
	if c.Keys == "" {
		faults = append(faults, errors.New("keys: a key directory is needed"))
	}
	if c.State == "" {
		faults = append(faults, errors.New("state: a state directory is needed"))
	}
	return errors.Join(faults...)
}

// Parts are what every service over Kafka works with.
type Parts struct {
	Kafka    *kafka.Client
	Registry *registry.Registry
	Plans    []*policy.Plan
}

// Open loads registry and policies and prepares the Kafka client, which the
// process closes in the end.
func (c Config) Open(env *process.Env) (p Parts, err error) {
	if p.Registry, err = c.LoadRegistry(); err != nil {
		return p, err
	}
	if p.Plans, err = c.LoadPlans(p.Registry); err != nil {
		return p, err
	}
	p.Kafka = kafka.New(c.Kafka, env.Log)
	env.OnClose(p.Kafka.Close)
	for _, m := range p.Kafka.Collectors() {
		if err := env.Metrics.Register(m); err != nil {
			return p, fmt.Errorf("registering metrics: %w", err)
		}
	}
	return p, nil
}

// Pin remembers, for a reader, the head of the ledger.
func (c Config) Pin(reader string) ledger.Memory {
	return chain.PinFile(filepath.Join(c.State, "ledger-"+reader+".json"))
}

// LoadRegistry returns the configured registry.
func (c Config) LoadRegistry() (*registry.Registry, error) {
	if c.Registry == "" {
		return registry.Demonstration(c.Departments), nil
	}
	return registry.Load(c.Registry)
}

// LoadPlans returns the plan of each configured policy, checked against the
// registry. Of several of one school year each replaces the one before it.
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
	if len(faults) == 0 {
		faults = append(faults, policy.CheckSuccession(plans))
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
