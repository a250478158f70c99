package gate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"brume/anonymize/budget"
	"brume/anonymize/exact"
	"brume/internal/kafka"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// ErrWorld is the alarm of a gate whose ledger knows less than the world: it
// was restored from an old backup, or somebody else writes releases.
var ErrWorld = errors.New("the world names a release that the ledger does not")

// ErrConflict is the alarm of a gate that received two different partials of
// one release from one partition.
var ErrConflict = errors.New("two different partials of one partition")

// ErrGapped is the alarm of a gate that received sums other than zero from a
// partition that says that it lost statements.
var ErrGapped = errors.New("a partition that lost statements sent sums")

// ErrPlan is the alarm of a gate that cannot open a partial: it was folded under
// a plan or registry that is not configured here, or it is damaged.
var ErrPlan = errors.New("a partial is not of any configured plan and registry")

// Log is the part of the Kafka client that a gate uses.
type Log interface {
	Offsets(ctx context.Context, topic string, partition int) (first, next int64, err error)
	ReadAll(ctx context.Context, topic string, partition int, from int64, fn func(kafka.Record) error) (next int64, err error)
	Produce(ctx context.Context, topic string, partition int, values ...[]byte) error
}

// Keys are the gates' keys. A release's key seals its partials and its drafts'
// keys; DestroyReleaseKey MUST make it impossible to recover or recreate, and
// ReleaseKey MUST return keys.ErrDestroyed from then on. StreamKey seals the
// noise of a year's streams, InputsMAC digests its sums, and the keys of both
// MUST be destroyed with the year.
type Keys interface {
	ReleaseKey(release string) (exact.AEAD, error)
	DestroyReleaseKey(release string) error
	StreamKey(year string) (exact.AEAD, error)
	InputsMAC(year string) (mac func(data []byte) [32]byte, err error)
}

// Year is a school year that the gate may release, under one plan.
type Year struct {
	Plan     *policy.Plan
	Registry *registry.Registry
	Facts    ledger.Facts
}

// record is the year as the ledger opens it.
func (y Year) record() ledger.Year {
	p := y.Plan.Policy
	return ledger.Year{
		Name: p.SchoolYear, Plan: y.Plan.PolicyHash, Registry: y.Registry.Hash(),
		Epsilon: p.Epsilon, Delta: p.Delta, LimitNano: y.Plan.LimitNano, Facts: y.Facts,
	}
}

// Gate turns complete sets of partials into releases. It is not safe for
// concurrent use; any number of gates may run against the same topics.
type Gate struct {
	log      Log
	keys     Keys
	book     *budget.Book
	years    map[string]Year // under their present plans
	plans    []Year          // with the plans before, the newest first
	logger   *slog.Logger
	partials *partials
	world    world
	poll     time.Duration
}

// New returns a gate over the book of the ledger. Of several plans of one year
// the last is its present one; by the others it finishes what was folded under
// them.
func New(log Log, keys Keys, book *budget.Book, years []Year, logger *slog.Logger) *Gate {
	g := &Gate{
		log: log, keys: keys, book: book, years: map[string]Year{}, logger: logger,
		partials: newPartials(), world: world{copied: map[string][]ledger.Hash{}}, poll: 100 * time.Millisecond,
	}
	for _, y := range years {
		g.years[y.Plan.Policy.SchoolYear] = y
		g.plans = append([]Year{y}, g.plans...)
	}
	return g
}

// Run opens the years in the ledger, finishes what a predecessor left, and
// releases each window once its partials are complete, until ctx ends.
func (g *Gate) Run(ctx context.Context) error {
	if err := g.Start(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(g.poll)
	defer tick.Stop()
	for {
		if err := g.Step(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// CheckFacts requires that the ledger, where it has the configured years open,
// has them with these facts. It writes nothing.
func (g *Gate) CheckFacts(ctx context.Context) error {
	if err := g.book.Sync(ctx); err != nil {
		return err
	}
	for name, y := range g.years {
		if open, ok := g.book.Chain.Year(name); ok && open.Facts != y.Facts {
			return fmt.Errorf("year %s: the ledger has other facts: %w", name, ledger.ErrYear)
		}
	}
	return nil
}

// Start checks the noise of every plan and the ledger against the world, opens
// the configured years and finishes the releases that are committed but not yet
// copied.
func (g *Gate) Start(ctx context.Context) error {
	if err := g.checkNoise(); err != nil {
		return err
	}
	if err := g.checkWorld(ctx); err != nil {
		return err
	}
	if err := g.openYears(ctx); err != nil {
		return err
	}
	for _, release := range g.book.Chain.Releases() {
		if c, ok := g.book.Chain.Committed(release); ok {
			if err := g.publish(ctx, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// openYears opens each year in the ledger under its present plan, and before it
// under those that came since the last one that the ledger knows: what is folded
// under them is released.
func (g *Gate) openYears(ctx context.Context) error {
	for name, present := range g.years {
		known := g.book.Chain.Plans(name)
		due := []Year{}
		for _, y := range slices.Backward(g.plans) {
			if y.Plan.Policy.SchoolYear != name {
				continue
			}
			if slices.Contains(known, ledger.Hash(y.Plan.PolicyHash)) {
				due = due[:0]
			} else {
				due = append(due, y)
			}
		}
		if len(due) == 0 {
			due = append(due, present)
		}
		for _, y := range due {
			if err := g.book.OpenYear(ctx, y.record()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Step reads the partials that arrived and releases what is complete.
func (g *Gate) Step(ctx context.Context) error {
	if err := g.readPartials(ctx); err != nil {
		return fmt.Errorf("reading partials: %w", err)
	}
	for _, d := range g.due() {
		if err := g.consider(ctx, d); err != nil {
			return fmt.Errorf("release %s: %w", d.release, err)
		}
	}
	return nil
}

// readPartials takes in the partials that arrived. A fresh gate begins where
// the topic does: old partials are deleted, unlike the ledger and the releases.
func (g *Gate) readPartials(ctx context.Context) (err error) {
	if g.partials.next < 0 {
		if g.partials.next, _, err = g.log.Offsets(ctx, topics.Partials, 0); err != nil {
			return err
		}
	}
	g.partials.next, err = g.log.ReadAll(ctx, topics.Partials, 0, g.partials.next, g.partials.add)
	return err
}

// consider releases a window if it is complete, its turn, and not yet committed.
func (g *Gate) consider(ctx context.Context, d door) error {
	if _, done := g.book.Chain.Committed(d.release); done {
		g.partials.forget(d.release)
		return nil
	}
	if !g.partials.complete(d.release, d.year.Facts.Partitions) {
		return nil
	}
	if ok, err := g.next(ctx, d); !ok || err != nil {
		return err
	}
	err := g.underItsPlan(ctx, d)
	if errors.Is(err, budget.ErrStream) { // the other releases of the plan go on
		g.logger.Error("ALARM", "release", d.release, "error", err)
	} else if err != nil {
		if err := g.overtaken(ctx, d, err); err != nil {
			return err
		}
	}
	g.partials.forget(d.release)
	return nil
}
