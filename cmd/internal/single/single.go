package single

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"brume/anonymize/keys"
	"brume/cmd/internal/aggregator"
	"brume/cmd/internal/anonymizer"
	"brume/cmd/internal/datadir"
	"brume/cmd/internal/intake"
	"brume/cmd/internal/operate"
	"brume/dashboards"
	"brume/ingest"
	"brume/internal/clickhouse"
	"brume/internal/httpserver"
	"brume/internal/kafka"
	"brume/internal/lifecycle"
	"brume/internal/telemetry"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
)

// Brume is one process's parts, built and not yet running, except that the
// embedded broker and ClickHouse are up.
type Brume struct {
	Config     Config
	Dir        datadir.Dir
	Registry   *registry.Registry
	Plans      []*policy.Plan
	Kafka      *kafka.Client
	Operator   operate.Clock
	Intake     *intake.Intake
	Anonymizer *anonymizer.Anonymizer
	Aggregator *aggregator.Aggregator

	log     *slog.Logger
	metrics *prometheus.Registry
	health  telemetry.Health
	store   *keys.Store
	users   users
	http    *httpserver.Server
	ops     *httpserver.Server
	reader  *clickhouse.Client
	brokers []string

	verifier ledger.Verifier
	closers  []func() error
}

// Open starts the embedded parts, prepares keys, topics and the log, and
// builds the services. Close MUST be called in the end, also after an error
// of Run.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (*Brume, error) {
	b := &Brume{Config: cfg, Dir: datadir.Dir(cfg.Data), log: log, metrics: telemetry.NewMetrics()}
	for _, step := range []func(context.Context) error{
		b.reference, b.openKeys, b.startBroker, b.startClickHouse, b.operator, b.services, b.servers, b.announce,
	} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	return b, nil
}

// reference loads the registry and plans the policies.
func (b *Brume) reference(context.Context) (err error) {
	if b.Registry, err = b.Config.LoadRegistry(); err != nil {
		return err
	}
	b.Plans, err = b.Config.LoadPlans(b.Registry)
	return err
}

func (b *Brume) openKeys(context.Context) (err error) {
	if b.Config.Keys == "" {
		b.Config.Keys = b.Dir.Keys()
	}
	var years []string
	for _, p := range b.Plans {
		years = append(years, p.Policy.SchoolYear)
	}
	kek, err := b.Config.Vault.Open()
	if err != nil {
		return err
	}
	if err := keys.InitUnder(b.Config.Keys, years, time.Now(), kek); err != nil {
		return err
	}
	if b.store, err = keys.OpenUnder(b.Config.Keys, kek); err != nil {
		return err
	}
	return b.store.ReleasesIn(b.Dir.ReleaseKeys())
}

// operator configures the log before anything is folded or accepted.
func (b *Brume) operator(ctx context.Context) error {
	signer, err := b.store.ControlSigner()
	if err != nil {
		return err
	}
	b.Operator = operate.Clock{
		Operator: operate.Operator{Producer: b.Kafka, Signer: signer, Partitions: b.Config.Partitions, Now: time.Now},
		Plans:    b.Plans, Registry: b.Registry, Close: b.Config.Close == "clock",
	}
	return b.Operator.Prepare(ctx)
}

// services builds the four services.
func (b *Brume) services(context.Context) (err error) {
	b.Anonymizer, err = anonymizer.New(anonymizer.Parts{
		Config: b.Config.Anonymize, Store: b.store, Kafka: b.Kafka, Registry: b.Registry, Plans: b.Plans,
		Partitions: b.Config.Partitions, Pin: b.Dir.Pin("gate"), Log: b.log,
	})
	if err != nil {
		return err
	}
	if err := b.metrics.Register(b.Anonymizer); err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	if b.verifier, err = b.store.LedgerVerifier(); err != nil {
		return err
	}
	b.Aggregator = &aggregator.Aggregator{
		Config: b.Config.Aggregate, Migrator: b.users.migrator, Loader: b.users.loader, Kafka: b.Kafka,
		Registry: b.Registry, Plans: b.Plans, Verifier: b.verifier, Pin: b.Dir.Pin("aggregate"), Log: b.log, Metrics: b.metrics,
	}
	received := b.Config.Ingest
	received.Group = b.Config.Anonymize.Group
	b.Intake, err = intake.New(intake.Parts{
		Config: received, Keys: b.Config.Keys, Kafka: b.Kafka, Registry: b.Registry, Plans: b.Plans,
		Partitions: b.Config.Partitions, Pin: b.Dir.Pin("ingest"), Log: b.log, Metrics: b.metrics,
	})
	return err
}

// servers builds the public and the operators' HTTP servers and takes their
// ports.
func (b *Brume) servers(context.Context) (err error) {
	if b.reader, err = clickhouse.Open(b.users.dashboards); err != nil {
		return err
	}
	b.closers = append(b.closers, b.reader.Close)
	pages, err := dashboards.New(b.Config.Dashboards, dashboards.Deps{ClickHouse: b.reader, Log: b.log, Metrics: b.metrics})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	for _, root := range ingest.Roots {
		mux.Handle(root, b.Intake.Handler())
	}
	mux.Handle("/", pages.Handler())
	b.http = httpserver.New(b.Config.HTTP, mux, b.log)
	b.health.Add("publishers", b.Intake.Ready)
	ops := httpserver.DefaultConfig()
	ops.Listen = b.Config.Metrics
	b.ops = httpserver.New(ops, telemetry.Handler(b.metrics, &b.health), b.log)
	return errors.Join(b.http.Listen(), b.ops.Listen())
}

// announce makes the process known to commands on the data directory.
func (b *Brume) announce(context.Context) error {
	withdraw, err := b.Dir.Announce(datadir.Running{
		Brokers: b.brokers, ClickHouse: b.users.loader.Addr, HTTP: b.http.Addr(), Metrics: b.ops.Addr(),
	})
	if err == nil {
		b.closers = append(b.closers, func() error { withdraw(); return nil })
	}
	return err
}

// URL is the address of the pages.
func (b *Brume) URL() string { return b.Config.HTTP.Scheme() + "://" + b.http.Addr() }

// MetricsURL is the address of the operators' port.
func (b *Brume) MetricsURL() string { return "http://" + b.ops.Addr() }

// Metrics is where the process registers what it measures itself.
func (b *Brume) Metrics() prometheus.Registerer { return b.metrics }

// LedgerVerifier checks the ledger's signatures.
func (b *Brume) LedgerVerifier() ledger.Verifier { return b.verifier }

// LoaderConfig is how the loader reaches ClickHouse.
func (b *Brume) LoaderConfig() clickhouse.Config { return b.users.loader }

// Run runs the services until ctx ends or one fails, and drains them: first
// the endpoint, last the anonymizer.
func (b *Brume) Run(ctx context.Context) error {
	return lifecycle.Run(ctx, b.log, 30*time.Second,
		lifecycle.Component{Name: "metrics", Run: b.ops.Run},
		lifecycle.Component{Name: "aggregate", Run: b.Aggregator.Run},
		lifecycle.Component{Name: "anonymize", Run: b.Anonymizer.Run},
		lifecycle.Component{Name: "operator", Run: b.Operator.Run},
		lifecycle.Component{Name: "ingest", Run: b.Intake.Run},
		lifecycle.Component{Name: "http", Run: b.serve},
	)
}

// serve answers once the log is configured and the years are open.
func (b *Brume) serve(ctx context.Context) error {
	if err := b.Intake.Await(ctx); err != nil {
		return err
	}
	return b.http.Run(ctx)
}

// Close ends what Open started, the last first.
func (b *Brume) Close() error {
	var errs []error
	for i := len(b.closers) - 1; i >= 0; i-- {
		errs = append(errs, b.closers[i]())
	}
	b.closers = nil
	return errors.Join(errs...)
}
