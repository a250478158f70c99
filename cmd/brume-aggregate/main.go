// Command brume-aggregate brings released cells into ClickHouse and sums them.
package main

import (
	"context"
	"errors"

	"brume/aggregate"
	"brume/cmd/internal/aggregator"
	"brume/cmd/internal/base"
	"brume/cmd/internal/process"
	"brume/internal/clickhouse"
	"brume/internal/config"
	"brume/internal/lifecycle"
	"brume/schemas/event/keyring"
)

type settings struct {
	base.Config `koanf:",squash" yaml:",inline"`
	ClickHouse  struct {
		Migrator clickhouse.Config `koanf:"migrator" yaml:"migrator"`
		Loader   clickhouse.Config `koanf:"loader" yaml:"loader"`
	} `koanf:"clickhouse" yaml:"clickhouse"`
	Aggregate aggregate.Config `koanf:"aggregate" yaml:"aggregate"`
}

func defaults() settings {
	c := settings{Config: base.DefaultConfig(), Aggregate: aggregate.DefaultConfig()}
	c.ClickHouse.Migrator, c.ClickHouse.Loader = clickhouse.DefaultConfig(), clickhouse.DefaultConfig()
	return c
}

// Validate reports every fault.
func (c settings) Validate() error {
	return errors.Join(c.Config.Validate(), config.In("clickhouse.migrator", c.ClickHouse.Migrator.Validate()),
		config.In("clickhouse.loader", c.ClickHouse.Loader.Validate()), c.Aggregate.Validate())
}

func main() {
	process.Main("brume-aggregate", defaults(), func(c *settings) *process.Config { return &c.Config.Config }, build)
}

func build(_ context.Context, env *process.Env, cfg settings) ([]lifecycle.Component, error) {
	parts, err := cfg.Open(env)
	if err != nil {
		return nil, err
	}
	verifier, err := keyring.LedgerVerifier(cfg.Keys)
	if err != nil {
		return nil, err
	}
	a := &aggregator.Aggregator{
		Config: cfg.Aggregate, Migrator: cfg.ClickHouse.Migrator, Loader: cfg.ClickHouse.Loader, Kafka: parts.Kafka,
		Registry: parts.Registry, Plans: parts.Plans, Verifier: verifier, Pin: cfg.Pin("aggregate"),
		Log: env.Log, Metrics: env.Metrics,
	}
	return []lifecycle.Component{{Name: "aggregate", Run: a.Run}}, nil
}
