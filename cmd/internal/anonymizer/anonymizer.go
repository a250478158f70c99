// Package anonymizer puts together the part of a process that folds statements
// and releases noised cells.
package anonymizer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"brume/anonymize"
	"brume/anonymize/budget"
	"brume/anonymize/cohort"
	"brume/anonymize/exact"
	"brume/anonymize/gate"
	"brume/anonymize/keys"
	"brume/cmd/internal/chain"
	"brume/internal/kafka"
	"brume/schemas/event"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// Parts are what an anonymizer is made of.
type Parts struct {
	Config     anonymize.Config
	Store      *keys.Store
	Kafka      *kafka.Client
	Registry   *registry.Registry
	Plans      []*policy.Plan
	Partitions int
	Pin        ledger.Memory // of the gate
	Log        *slog.Logger
}

// Anonymizer is the service with the upkeep of its sealing keys.
type Anonymizer struct {
	*anonymize.Service
	store *keys.Store
}

// New puts the parts together; nothing runs yet.
func New(p Parts) (*Anonymizer, error) {
	env, years, err := p.years()
	if err != nil {
		return nil, err
	}
	control, err := p.Store.ControlVerifier()
	if err != nil {
		return nil, err
	}
	gates, err := p.gates(years)
	if err != nil {
		return nil, err
	}
	secrets, err := NewSecrets(p.Store)
	if err != nil {
		return nil, err
	}
	service := anonymize.New(p.Config, anonymize.Deps{
		Kafka: p.Kafka, Keys: secrets, Opener: event.NewOpener(p.Store), Control: control,
		Env: env, Gate: gates, Log: p.Log, Now: time.Now,
	})
	return &Anonymizer{service, p.Store}, nil
}

// years prepares each planned year for folding and for the gate.
func (p Parts) years() (cohort.Env, []gate.Year, error) {
	routing, err := p.Store.RoutingID()
	if err != nil {
		return nil, nil, err
	}
	env, years := cohort.Env{}, []gate.Year{}
	for _, present := range policy.Present(p.Plans) {
		name := present.Policy.SchoolYear
		key, err := p.Store.Pseudonym(name)
		if err != nil {
			return nil, nil, err
		}
		plans := policy.Of(p.Plans, name)
		if env[name], err = cohort.NewYears(plans, p.Registry, key); err != nil {
			return nil, nil, fmt.Errorf("school year %s: %w", name, err)
		}
		for _, plan := range plans {
			years = append(years, gate.Year{Plan: plan, Registry: p.Registry, Facts: ledger.Facts{
				Partitions: p.Partitions, Routing: routing, Pseudonym: key.ID(), Hash: "HMAC-SHA256",
			}})
		}
	}
	return env, years, nil
}

// gates returns a maker of gates: one is made whenever this instance becomes
// the owner of partition 0.
func (p Parts) gates(years []gate.Year) (func() *gate.Gate, error) {
	verifier, err := p.Store.LedgerVerifier()
	if err != nil {
		return nil, err
	}
	signer, err := p.Store.LedgerSigner()
	if err != nil {
		return nil, err
	}
	shared, err := p.Store.Gate()
	if err != nil {
		return nil, err
	}
	write := func(ctx context.Context, value []byte) error {
		return p.Kafka.Produce(ctx, topics.Ledger, 0, value)
	}
	return func() *gate.Gate {
		book := budget.NewBook(chain.Follower(p.Kafka, verifier, p.Pin), write, signer, time.Now)
		return gate.New(p.Kafka, shared, book, years, p.Log)
	}, nil
}

// Run keeps sealing keys ahead of the clock and works until ctx ends.
func (a *Anonymizer) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.maintain(ctx) })
	group.Go(func() error { return a.work(ctx) })
	return group.Wait()
}

// final are the alarms that trying again cannot cure.
var final = []error{
	ledger.ErrForked, ledger.ErrYear, ledger.ErrOverspent, budget.ErrInputs, gate.ErrWorld, gate.ErrConflict,
	gate.ErrGapped, gate.ErrNoise, gate.ErrPlan, exact.ErrSigma,
	cohort.ErrConfig,
}

// work runs the service, and again after a failure that may pass: the state is
// restored from the log each time.
func (a *Anonymizer) work(ctx context.Context) error {
	for {
		err := a.Service.Run(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		for _, alarm := range final {
			if errors.Is(err, alarm) {
				a.Log.Error("ALARM", "error", err)
				return err
			}
		}
		a.Log.Warn("anonymizer failed, trying again", "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (a *Anonymizer) maintain(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		switch err := a.store.MaintainSealing(time.Now()); {
		case errors.Is(err, keys.ErrKEK): // there are keys for 48 hours
			a.Log.Warn("sealing keys cannot be made ahead, trying again in ten minutes", "error", err)
		case err != nil:
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Secrets are the service's keys out of the store.
type Secrets struct {
	store *keys.Store
	wrap  exact.AEAD
}

// NewSecrets returns the keys of a store as the service asks for them.
func NewSecrets(store *keys.Store) (Secrets, error) {
	shared, err := store.Gate()
	if err != nil {
		return Secrets{}, err
	}
	return Secrets{store, shared.AEAD()}, nil
}

// State returns the key of a year's snapshots, or of the part of no year.
func (s Secrets) State(year string) (exact.AEAD, error) {
	if year == "" {
		return s.wrap, nil
	}
	return s.store.Cohort(year)
}

// ReleaseKey returns the key of a release's partials.
func (s Secrets) ReleaseKey(release string) (exact.AEAD, error) { return s.store.ReleaseKey(release) }
