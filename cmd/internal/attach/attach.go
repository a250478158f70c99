// Package attach lets a command work on a data directory, whether a process
// is running on it or not: it finds the running parts, or starts the embedded
// ones for as long as the command lasts.
package attach

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"brume/anonymize/keys"
	"brume/anonymize/keys/vault"
	"brume/cmd/internal/base"
	"brume/cmd/internal/datadir"
	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/kafka"
	"brume/schemas/policy"
	"brume/schemas/registry"
)

// ErrEmpty says that nothing was ever started on a data directory.
var ErrEmpty = errors.New("no Brume has run on this data directory yet")

// Data is a data directory that a command works on.
type Data struct {
	Dir      datadir.Dir
	Settings datadir.Settings
	Registry *registry.Registry
	Plans    []*policy.Plan
	Kafka    *kafka.Client

	ReleaseKeys string // directory of the keys of releases; empty: in the key directory

	log     *slog.Logger
	running datadir.Running
	live    bool
	loader  clickhouse.Config // as whom figures are read back
	closers []func() error
}

// Config names the parts of an installation of several processes.
type Config struct {
	base.Config `koanf:",squash" yaml:",inline"`
	ReleaseKeys string       `koanf:"release_keys" yaml:"release_keys"`
	Vault       vault.Config `koanf:"vault" yaml:"vault"`
	ClickHouse  struct {
		Loader clickhouse.Config `koanf:"loader" yaml:"loader"`
	} `koanf:"clickhouse" yaml:"clickhouse"`
}

// DefaultConfig names no part yet.
func DefaultConfig() Config {
	c := Config{Config: base.DefaultConfig()}
	c.ClickHouse.Loader = clickhouse.DefaultConfig()
	return c
}

// Validate reports every fault.
func (c Config) Validate() error { return errors.Join(c.Config.Validate(), c.Vault.Validate()) }

// Services attaches to an installation of several processes.
func Services(cfg Config, log *slog.Logger) (*Data, error) {
	d := &Data{log: log, live: true, ReleaseKeys: cfg.ReleaseKeys, loader: cfg.ClickHouse.Loader, Settings: datadir.Settings{
		Partitions: cfg.Partitions, Policies: cfg.Policies, Registry: cfg.Registry, Keys: cfg.Keys, Vault: cfg.Vault,
		Brokers: cfg.Kafka.Brokers, Security: cfg.Kafka.Security, Prefix: cfg.Kafka.Prefix,
	}}
	d.running.Brokers = cfg.Kafka.Brokers
	if err := d.load(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Open attaches to a data directory: its settings, registry, plans and Kafka.
func Open(dir string, log *slog.Logger) (*Data, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, ErrEmpty)
	}
	d := &Data{Dir: datadir.Dir(dir), ReleaseKeys: datadir.Dir(dir).ReleaseKeys(), log: log}
	var err error
	if d.Settings, err = d.Dir.Settings(); err != nil {
		return nil, err
	}
	if d.Settings.Partitions == 0 {
		return nil, fmt.Errorf("data directory %s: %w", d.Dir, ErrEmpty)
	}
	d.running, d.live = d.Dir.Running()
	if err := d.load(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// load reads registry and plans and connects to Kafka.
func (d *Data) load() (err error) {
	cfg := base.Config{Registry: d.Settings.Registry, Policies: d.Settings.Policies, Departments: d.Settings.Departments}
	if d.Registry, err = cfg.LoadRegistry(); err != nil {
		return err
	}
	if d.Plans, err = cfg.LoadPlans(d.Registry); err != nil {
		return err
	}
	brokers, err := d.brokers()
	if err != nil {
		return err
	}
	k := kafka.DefaultConfig()
	k.Brokers, k.Security, k.Prefix = brokers, d.Settings.Security, d.Settings.Prefix
	d.Kafka = kafka.New(k, d.log)
	d.closers = append(d.closers, d.Kafka.Close)
	return nil
}

// brokers returns the running, the configured, or freshly started brokers.
func (d *Data) brokers() ([]string, error) {
	switch {
	case d.live:
		return d.running.Brokers, nil
	case len(d.Settings.Brokers) > 0:
		return d.Settings.Brokers, nil
	}
	b, err := embedded.StartBroker(embedded.DefaultBrokerConfig(d.Dir.Broker()), d.log)
	if err != nil {
		return nil, err
	}
	d.closers = append(d.closers, b.Close)
	return []string{b.Addr()}, nil
}

// ClickHouse connects as the loader, to read back what was published.
func (d *Data) ClickHouse(ctx context.Context) (*clickhouse.Client, error) {
	if d.loader.Addr == "" {
		if err := d.findClickHouse(ctx); err != nil {
			return nil, err
		}
	}
	c, err := clickhouse.Open(d.loader)
	if err != nil {
		return nil, err
	}
	d.closers = append(d.closers, c.Close)
	return c, nil
}

func (d *Data) findClickHouse(ctx context.Context) error {
	own := d.Settings.Loader
	if own.Addr == "" && d.live {
		own = datadir.Loader{Addr: d.running.ClickHouse, User: "loader", PasswordFile: embedded.PasswordFile(d.Dir.ClickHouse(), "loader")}
	}
	if own.Addr != "" {
		d.loader = clickhouse.DefaultConfig()
		d.loader.Addr, d.loader.User, d.loader.PasswordFile, d.loader.TLS = own.Addr, own.User, own.PasswordFile, own.TLS
		return nil
	}
	c, err := embedded.StartClickHouse(ctx, embedded.ClickHouseConfig{Dir: d.Dir.ClickHouse()}, d.log)
	if err != nil {
		return err
	}
	d.closers = append(d.closers, c.Close)
	d.loader = c.User("loader")
	return nil
}

// OpenKeys opens the key directory, with the key-encryption key if there is one.
func (d *Data) OpenKeys() (*keys.Store, error) {
	kek, err := d.Settings.Vault.Open()
	if err != nil {
		return nil, err
	}
	return keys.OpenUnder(d.Settings.Keys, kek)
}

// Close ends what Open and ClickHouse started, the last first.
func (d *Data) Close() error {
	var errs []error
	for i := len(d.closers) - 1; i >= 0; i-- {
		errs = append(errs, d.closers[i]())
	}
	return errors.Join(errs...)
}

// Live says whether a process is running on the data directory.
func (d *Data) Live() bool { return d.live }
