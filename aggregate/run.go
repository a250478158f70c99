package aggregate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"brume/internal/crashpoint"
	"brume/schemas/ledger"
	"brume/schemas/release"
)

// Source yields committed releases in ledger order, from the first one, and
// then waits for more. It MUST have checked each payload against its hash.
type Source interface {
	Next(ctx context.Context) (Committed, error)
}

// Noter writes down that a release is in ClickHouse, with the ledger head that
// the loader had seen (topic loads).
type Noter interface {
	Loaded(ctx context.Context, id release.ID, hash [32]byte, sequence uint64, head [32]byte) error
}

// Aggregate follows a source of releases and keeps ClickHouse up to date.
type Aggregate struct {
	cfg    Config
	loader *Loader
	source Source
	noter  Noter
	log    *slog.Logger
}

// New returns an aggregate that does nothing until Run.
func New(cfg Config, loader *Loader, source Source, noter Noter, log *slog.Logger) (*Aggregate, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Aggregate{cfg: cfg, loader: loader, source: source, noter: noter, log: log}, nil
}

// Run loads what is missing and follows the source until the context ends. It
// waits out an absent ClickHouse and stops at a fault that waiting cannot
// cure: ErrConflict, ErrUnknown, ErrInvalid, ErrArea.
func (a *Aggregate) Run(ctx context.Context) error {
	var have map[release.ID]loaded
	err := a.cfg.Persist(ctx, a.log, func() (err error) { have, err = a.loader.loaded(ctx); return err })
	for err == nil {
		var c Committed
		if c, err = a.source.Next(ctx); err != nil {
			err = fmt.Errorf("following releases: %w", err)
			break
		}
		err = a.bring(ctx, c, have[c.Release.ID])
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (a *Aggregate) bring(ctx context.Context, c Committed, have loaded) error {
	if have.hash != "" && have.hash != hexOf(c.Hash) {
		return fmt.Errorf("release %s: %w", c.Release.ID, ErrConflict)
	}
	if have.whole {
		a.loader.metrics.loads.WithLabelValues("present").Inc()
	} else if err := a.cfg.Persist(ctx, a.log, func() error { return a.loader.Load(ctx, c) }); err != nil {
		return err
	}
	crashpoint.Hit("load.note.before", string(c.Release.ID))
	if err := a.noter.Loaded(ctx, c.Release.ID, c.Hash, c.LedgerSequence, c.LedgerHead); err != nil {
		return fmt.Errorf("noting the load of %s: %w", c.Release.ID, err)
	}
	crashpoint.Hit("load.note.after", string(c.Release.ID))
	return nil
}

// Persist tries until it succeeds, fails for good, or the context ends: it
// waits out a ClickHouse or a Kafka that is away.
func (c Config) Persist(ctx context.Context, log *slog.Logger, try func() error) error {
	for wait := c.RetryMin; ; wait = min(2*wait, c.RetryMax) {
		err := try()
		if err == nil || final(err) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		log.Warn("not ready, trying again", "wait", wait, "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// final tells faults that waiting cannot cure.
func final(err error) bool {
	for _, sentinel := range []error{ErrConflict, ErrUnknown, ErrInvalid, ErrArea, ErrMigration, ledger.ErrForked} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}

// Rebuild loads every release again, present or not, from the releases alone;
// the rows come out the same.
func (l *Loader) Rebuild(ctx context.Context, all []Committed) error {
	for _, c := range all {
		if err := l.Load(ctx, c); err != nil {
			return err
		}
	}
	return nil
}
