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

	log        *slog.Logger
	running    datadir.Running
	live       bool
	clickhouse string
	closers    []func() error
}

// Open attaches to a data directory: its settings, registry, plans and Kafka.
func Open(ctx context.Context, dir string, log *slog.Logger) (*Data, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, ErrEmpty)
	}
	d := &Data{Dir: datadir.Dir(dir), log: log}
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Data) open(ctx context.Context) (err error) {
	if d.Settings, err = d.Dir.Settings(); err != nil {
		return err
	}
	if d.Settings.Partitions == 0 {
		return fmt.Errorf("data directory %s: %w", d.Dir, ErrEmpty)
	}
	cfg := base.Config{Registry: d.Settings.Registry, Policies: d.Settings.Policies, Departments: d.Settings.Departments}
	if d.Registry, err = cfg.LoadRegistry(); err != nil {
		return err
	}
	if d.Plans, err = cfg.LoadPlans(d.Registry); err != nil {
		return err
	}
	d.running, d.live = d.Dir.Running()
	brokers, err := d.brokers()
	if err != nil {
		return err
	}
	k := kafka.DefaultConfig()
	k.Brokers, k.Prefix = brokers, d.Settings.Prefix
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

// ClickHouse connects as one of the four users.
func (d *Data) ClickHouse(ctx context.Context, user string) (*clickhouse.Client, error) {
	if d.clickhouse == "" {
		if err := d.findClickHouse(ctx); err != nil {
			return nil, err
		}
	}
	cfg := clickhouse.DefaultConfig()
	cfg.Addr, cfg.User = d.clickhouse, user
	cfg.PasswordFile = embedded.PasswordFile(d.Dir.ClickHouse(), user)
	c, err := clickhouse.Open(cfg)
	if err != nil {
		return nil, err
	}
	d.closers = append(d.closers, c.Close)
	return c, nil
}

func (d *Data) findClickHouse(ctx context.Context) error {
	switch {
	case d.live:
		d.clickhouse = d.running.ClickHouse
	case d.Settings.ClickHouse != "":
		d.clickhouse = d.Settings.ClickHouse
	default:
		c, err := embedded.StartClickHouse(ctx, embedded.ClickHouseConfig{Dir: d.Dir.ClickHouse()}, d.log)
		if err != nil {
			return err
		}
		d.closers = append(d.closers, c.Close)
		d.clickhouse = c.Addr()
	}
	return nil
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
