// Package intake puts together the part of a process that receives statements.
package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"brume/cmd/internal/chain"
	"brume/ingest"
	"brume/ingest/publishers"
	"brume/ingest/publishers/tokens"
	"brume/internal/kafka"
	"brume/schemas/event"
	"brume/schemas/event/keyring"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// Parts are what an intake is made of.
type Parts struct {
	Config     ingest.Config
	Keys       string // key directory; only its public and ingest parts are read
	Kafka      *kafka.Client
	Registry   *registry.Registry
	Plans      []*policy.Plan
	Partitions int
	Pin        ledger.Memory
	Log        *slog.Logger
	Metrics    prometheus.Registerer
}

// Intake is the xAPI endpoint with its registry of publishers.
type Intake struct {
	*ingest.Server
	parts      Parts
	publishers *publishers.Store
	routing    ledger.Hash
	verifier   ledger.Verifier
}

// New puts the parts together; nothing runs yet.
func New(p Parts) (*Intake, error) {
	keys, err := keyring.OpenIngest(p.Keys)
	if err != nil {
		return nil, err
	}
	verifier, err := keyring.LedgerVerifier(p.Keys)
	if err != nil {
		return nil, err
	}
	store := publishers.NewStore(publishers.Deps{Kafka: p.Kafka, Registry: p.Registry, Tokens: verifierOf(p), Log: p.Log, Now: time.Now})
	for _, m := range store.Collectors() {
		if err := p.Metrics.Register(m); err != nil {
			return nil, fmt.Errorf("registering metrics: %w", err)
		}
	}
	p.Config.Partitions = p.Partitions
	server, err := ingest.New(p.Config, ingest.Deps{
		Producer: p.Kafka, Sealer: event.NewSealer(keys.Sealing, time.Now),
		Routing: keys.Routing, Fingerprint: keys.Fingerprint,
		Publishers: store, Backlog: p.Kafka, Quality: p.Kafka, Zone: zone(p.Plans), Registry: p.Registry, Log: p.Log, Metrics: p.Metrics, Now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	return &Intake{Server: server, parts: p, publishers: store, routing: keys.RoutingID, verifier: verifier}, nil
}

// verifierOf gives the verifier of access tokens, nil without an identity server.
func verifierOf(p Parts) *tokens.Verifier {
	if !p.Config.OAuth.Enabled() {
		return nil
	}
	return tokens.New(p.Config.OAuth, p.Log, time.Now)
}

// zone is that of the first year's policy.
func zone(plans []*policy.Plan) *time.Location {
	if len(plans) == 0 {
		return time.UTC
	}
	return plans[0].Policy.Location()
}

// Await returns once the ledger has opened every configured school year: its
// log is configured by then, so that nothing acknowledged is folded by no
// rule. It refuses a year that was opened under other fixed facts, and topics
// that could lose what they acknowledge.
func (i *Intake) Await(ctx context.Context) error {
	follower := chain.Follower(i.parts.Kafka, i.verifier, i.parts.Pin)
	for {
		err := follower.Sync(ctx)
		if errors.Is(err, kafka.ErrUnavailable) {
			i.parts.Log.Warn("waiting for the ledger", "error", err)
		} else if err != nil {
			return err
		}
		open, err := i.check(&follower.Chain)
		if err != nil {
			return err
		}
		if open {
			return i.parts.Kafka.CheckTopics(ctx, topics.Statements, topics.Publishers)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (i *Intake) check(c *ledger.Chain) (open bool, err error) {
	for _, plan := range i.parts.Plans {
		name := plan.Policy.SchoolYear
		year, ok := c.Year(name)
		if !ok {
			return false, nil
		}
		if year.Facts.Partitions != i.parts.Partitions || year.Facts.Routing != i.routing {
			return false, fmt.Errorf("school year %s: partitions or routing key differ from the ledger's: %w", name, ledger.ErrYear)
		}
	}
	return true, nil
}

// Run follows the publishers and reports counts until ctx ends.
func (i *Intake) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return i.publishers.Run(ctx) })
	group.Go(func() error { return i.Server.Run(ctx) })
	return group.Wait()
}
