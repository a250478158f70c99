// Package aggregator puts together the part of a process that brings releases
// into ClickHouse.
package aggregator

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"brume/aggregate"
	"brume/cmd/internal/chain"
	"brume/internal/clickhouse"
	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/release"
)

// Aggregator follows the releases topic and keeps ClickHouse up to date.
type Aggregator struct {
	Config   aggregate.Config
	Migrator clickhouse.Config
	Loader   clickhouse.Config
	Kafka    *kafka.Client
	Registry *registry.Registry
	Plans    []*policy.Plan
	Verifier ledger.Verifier
	Pin      ledger.Memory
	Log      *slog.Logger
	Metrics  prometheus.Registerer

	loaded atomic.Int64
}

// Loaded returns how many releases this run has found or brought into
// ClickHouse.
func (a *Aggregator) Loaded() int { return int(a.loaded.Load()) }

// noter counts the loads that it notes.
type noter struct {
	aggregate.Noter
	count *atomic.Int64
}

func (n noter) Loaded(ctx context.Context, id release.ID, hash [32]byte, sequence uint64, head [32]byte) error {
	err := n.Noter.Loaded(ctx, id, hash, sequence, head)
	if err == nil {
		n.count.Add(1)
	}
	return err
}

// Run migrates the database, refuses one that knows more than the ledger, and
// loads releases until ctx ends. A ClickHouse that is away is waited for.
func (a *Aggregator) Run(ctx context.Context) error {
	if err := a.Config.Persist(ctx, a.Log, func() error { return a.migrate(ctx) }); err != nil {
		return err
	}
	ch, err := clickhouse.Open(a.Loader)
	if err != nil {
		return err
	}
	defer ch.Close()
	loader := aggregate.NewLoader(ch, aggregate.NewAreas(a.Registry), a.Log, a.Metrics)
	source := aggregate.NewTopics(a.Kafka, chain.Follower(a.Kafka, a.Verifier, a.Pin), a.Log)
	defer source.Close()
	if err := a.Config.Persist(ctx, a.Log, func() error { return a.prepare(ctx, loader, source) }); err != nil {
		return err
	}
	service, err := aggregate.New(a.Config, loader, source, noter{source, &a.loaded}, a.Log)
	if err != nil {
		return err
	}
	return service.Run(ctx)
}

func (a *Aggregator) migrate(ctx context.Context) error {
	cfg := a.Migrator
	cfg.Database = "system" // ours may not exist yet
	ch, err := clickhouse.Open(cfg)
	if err != nil {
		return err
	}
	defer ch.Close()
	return aggregate.Migrate(ctx, ch)
}

func (a *Aggregator) prepare(ctx context.Context, loader *aggregate.Loader, source *aggregate.Topics) error {
	var policies []*policy.Policy
	for _, p := range policy.Present(a.Plans) {
		policies = append(policies, p.Policy)
	}
	if err := loader.LoadReference(ctx, policies...); err != nil {
		return err
	}
	known, err := source.Known(ctx)
	if err != nil {
		return err
	}
	return loader.CheckKnown(ctx, known)
}
