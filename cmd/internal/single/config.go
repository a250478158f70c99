// Package single is all of Brume in one process: the embedded parts, if none
// are configured, and the four services over them. The zones are code
// boundaries here, not security boundaries.
package single

import (
	"errors"
	"fmt"

	"brume/aggregate"
	"brume/anonymize"
	"brume/anonymize/keys/vault"
	"brume/cmd/internal/base"
	"brume/dashboards"
	"brume/ingest"
	"brume/internal/clickhouse"
	"brume/internal/config"
	"brume/internal/httpserver"
	"brume/internal/kafka"
)

// Config is the whole configuration of one process.
type Config struct {
	base.Config `koanf:",squash" yaml:",inline"`
	Data        string            `koanf:"data" yaml:"data"`
	Close       string            `koanf:"close" yaml:"close"` // clock | manual
	Vault       vault.Config      `koanf:"vault" yaml:"vault"` // wraps the private keysets; empty: they rest in the clear
	HTTP        httpserver.Config `koanf:"http" yaml:"http"`
	ClickHouse  ClickHouse        `koanf:"clickhouse" yaml:"clickhouse"`
	Ingest      ingest.Config     `koanf:"ingest" yaml:"ingest"`
	Anonymize   anonymize.Config  `koanf:"anonymize" yaml:"anonymize"`
	Aggregate   aggregate.Config  `koanf:"aggregate" yaml:"aggregate"`
	Dashboards  dashboards.Config `koanf:"dashboards" yaml:"dashboards"`
}

// ClickHouse names the server and its users; without an address of the loader
// the embedded server is used.
type ClickHouse struct {
	Migrator   clickhouse.Config `koanf:"migrator" yaml:"migrator"`
	Loader     clickhouse.Config `koanf:"loader" yaml:"loader"`
	Dashboards clickhouse.Config `koanf:"dashboards" yaml:"dashboards"`
}

// external says whether a server of the operator's is configured.
func (c ClickHouse) external() bool { return c.Loader.Addr != "" }

func (c ClickHouse) validate() error {
	if !c.external() {
		return nil
	}
	return errors.Join(config.In("clickhouse.migrator", c.Migrator.Validate()),
		config.In("clickhouse.loader", c.Loader.Validate()), config.In("clickhouse.dashboards", c.Dashboards.Validate()))
}

// DefaultConfig returns the configuration of `brume serve` without a file.
func DefaultConfig() Config {
	c := Config{
		Config: base.DefaultConfig(), Close: "manual", HTTP: httpserver.DefaultConfig(),
		ClickHouse: ClickHouse{clickhouse.DefaultConfig(), clickhouse.DefaultConfig(), clickhouse.DefaultConfig()},
		Ingest:     ingest.DefaultConfig(), Anonymize: anonymize.DefaultConfig(),
		Aggregate: aggregate.DefaultConfig(), Dashboards: dashboards.DefaultConfig(),
	}
	c.Partitions, c.Keys = 8, ""
	c.Ingest.Clock = ingest.DataClock // manual closing: the year's clock is the data's
	return c
}

// Validate reports every fault.
func (c Config) Validate() error {
	b := c.Config
	if b.Keys == "" {
		b.Keys = "in the data directory"
	}
	if len(b.Kafka.Brokers) == 0 {
		b.Kafka.Brokers = []string{"127.0.0.1:0"} // the embedded broker takes a free port
	}
	var faults []error
	if len(c.Kafka.Brokers) == 0 && c.Kafka.Security != (kafka.Security{}) {
		faults = append(faults, errors.New("kafka: the embedded broker speaks in the clear; tls and sasl need kafka.brokers"))
	}
	faults = append(faults,
		b.Validate(), c.Vault.Validate(), config.In("http", c.HTTP.Validate()), c.ClickHouse.validate(),
		config.In("ingest", c.Ingest.Validate()), c.Anonymize.Validate(),
		c.Aggregate.Validate(), c.Dashboards.Validate(),
	)
	if c.Data == "" {
		faults = append(faults, errors.New("data: a data directory is needed"))
	}
	if c.Close != "clock" && c.Close != "manual" {
		faults = append(faults, fmt.Errorf("close: %q is neither clock nor manual", c.Close))
	}
	if c.Close == "clock" && c.Ingest.Clock != ingest.WallClock {
		faults = append(faults, errors.New("close: clock needs ingest.clock: wall"))
	}
	return errors.Join(faults...)
}
