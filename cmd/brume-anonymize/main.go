// Command brume-anonymize opens, pseudonymises and folds statements, and is
// the gate through which only noised cells leave.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"brume/anonymize"
	"brume/anonymize/keys"
	"brume/anonymize/keys/vault"
	"brume/cmd/internal/anonymizer"
	"brume/cmd/internal/base"
	"brume/cmd/internal/operate"
	"brume/cmd/internal/process"
	"brume/internal/lifecycle"
)

type config struct {
	base.Config `koanf:",squash" yaml:",inline"`
	ReleaseKeys string           `koanf:"release_keys" yaml:"release_keys"` // directory that all anonymizers share; empty: in keys
	Vault       vault.Config     `koanf:"vault" yaml:"vault"`               // wraps the private keysets; empty: they rest in the clear
	Operate     bool             `koanf:"operate" yaml:"operate"`           // this instance holds the operator's key and writes CONFIG and heartbeats
	Close       string           `koanf:"close" yaml:"close"`               // clock | manual; clock needs operate
	Anonymize   anonymize.Config `koanf:"anonymize" yaml:"anonymize"`
}

func defaults() config {
	return config{Config: base.DefaultConfig(), Operate: true, Close: "clock", Anonymize: anonymize.DefaultConfig()}
}

// Validate reports every fault.
func (c config) Validate() error {
	faults := []error{c.Config.Validate(), c.Vault.Validate(), c.Anonymize.Validate()}
	if c.Close != "clock" && c.Close != "manual" {
		faults = append(faults, fmt.Errorf("close: %q is neither clock nor manual", c.Close))
	}
	return errors.Join(faults...)
}

func main() {
	process.Main("brume-anonymize", defaults(), func(c *config) *process.Config { return &c.Config.Config }, build)
}

func build(_ context.Context, env *process.Env, cfg config) ([]lifecycle.Component, error) {
	parts, err := cfg.Open(env)
	if err != nil {
		return nil, err
	}
	kek, err := cfg.Vault.Open()
	if err != nil {
		return nil, err
	}
	store, err := keys.OpenUnder(cfg.Keys, kek)
	if err != nil {
		return nil, err
	}
	if cfg.ReleaseKeys != "" {
		if err := store.ReleasesIn(cfg.ReleaseKeys); err != nil {
			return nil, err
		}
	}
	service, err := anonymizer.New(anonymizer.Parts{
		Config: cfg.Anonymize, Store: store, Kafka: parts.Kafka, Registry: parts.Registry, Plans: parts.Plans,
		Partitions: cfg.Partitions, Pin: cfg.Pin("gate"), Log: env.Log,
	})
	if err != nil {
		return nil, err
	}
	if err := env.Metrics.Register(service); err != nil {
		return nil, fmt.Errorf("registering metrics: %w", err)
	}
	clock, err := operator(cfg, parts, store)
	if err != nil {
		return nil, err
	}
	return []lifecycle.Component{{Name: "anonymize", Run: func(ctx context.Context) error {
		if err := parts.Kafka.EnsureTopics(ctx, cfg.Topics()); err != nil {
			return err
		}
		if clock != nil { // the log is configured before the gate opens the year
			if err := clock.Prepare(ctx); err != nil {
				return err
			}
		}
		return service.Run(ctx)
	}}, {Name: "operator", Run: func(ctx context.Context) error {
		if clock == nil {
			return nil
		}
		return clock.Run(ctx)
	}}}, nil
}

// operator returns the operator's routine, or nil when another instance has it.
func operator(cfg config, parts base.Parts, store *keys.Store) (*operate.Clock, error) {
	if !cfg.Operate {
		return nil, nil
	}
	signer, err := store.ControlSigner()
	if err != nil {
		return nil, err
	}
	return &operate.Clock{
		Operator: operate.Operator{Producer: parts.Kafka, Signer: signer, Partitions: cfg.Partitions, Now: time.Now},
		Plans:    parts.Plans, Registry: parts.Registry, Close: cfg.Close == "clock",
	}, nil
}
