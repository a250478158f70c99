package single

import (
	"context"
	"fmt"
	"path/filepath"

	"brume/cmd/internal/datadir"
	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/kafka"
)

// users are how the services reach ClickHouse.
type users struct{ migrator, loader, dashboards clickhouse.Config }

// startBroker starts the embedded broker unless brokers are configured, and
// makes the topics.
func (b *Brume) startBroker(ctx context.Context) error {
	cfg := b.Config.Kafka
	if len(cfg.Brokers) == 0 {
		broker, err := embedded.StartBroker(embedded.DefaultBrokerConfig(b.Dir.Broker()), b.log)
		if err != nil {
			return err
		}
		b.closers = append(b.closers, broker.Close)
		cfg.Brokers, cfg.Embedded = []string{broker.Addr()}, true
	}
	b.brokers = cfg.Brokers
	b.Kafka = kafka.New(cfg, b.log)
	b.closers = append(b.closers, b.Kafka.Close)
	for _, m := range b.Kafka.Collectors() {
		if err := b.metrics.Register(m); err != nil {
			return fmt.Errorf("registering metrics: %w", err)
		}
	}
	if err := b.Kafka.EnsureTopics(ctx, b.Config.Topics()); err != nil {
		return err
	}
	return b.remember()
}

// remember leaves to commands what this process was started with.
func (b *Brume) remember() error {
	s := datadir.Settings{
		Partitions: b.Config.Partitions, Policies: b.Config.Policies, Registry: b.Config.Registry,
		Departments: b.Config.Departments, Keys: b.Config.Keys, Vault: b.Config.Vault,
		Brokers: b.Config.Kafka.Brokers, Security: b.Config.Kafka.Security, Prefix: b.Config.Kafka.Prefix,
	}
	if l := b.Config.ClickHouse.Loader; b.Config.ClickHouse.external() {
		s.Loader = datadir.Loader{Addr: l.Addr, User: l.User, PasswordFile: l.PasswordFile, TLS: l.TLS}
	}
	for _, path := range []*string{&s.Keys, &s.Vault.TokenFile, &s.Vault.CAFile, &s.Registry, &s.Loader.PasswordFile} {
		if *path == "" {
			continue
		}
		abs, err := filepath.Abs(*path) // commands may be run from elsewhere
		if err != nil {
			return fmt.Errorf("remembering the settings: %w", err)
		}
		*path = abs
	}
	return b.Dir.Remember(s)
}

// startClickHouse starts the embedded server unless one is configured.
func (b *Brume) startClickHouse(ctx context.Context) error {
	c := b.Config.ClickHouse
	b.users = users{c.Migrator, c.Loader, c.Dashboards}
	if c.external() {
		return nil
	}
	server, err := embedded.StartClickHouse(ctx, embedded.ClickHouseConfig{Dir: b.Dir.ClickHouse()}, b.log)
	if err != nil {
		return err
	}
	b.closers = append(b.closers, server.Close)
	b.users = users{server.User("migrator"), server.User("loader"), server.User("dashboards")}
	return nil
}
