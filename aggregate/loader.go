package aggregate

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"brume/internal/clickhouse"
	"brume/internal/crashpoint"
	"brume/schemas/release"
)

// Committed is a release that the ledger has committed, with the chain as the
// reader saw it. The budget fields may be zero when unknown.
type Committed struct {
	Release        release.Release
	Hash           [32]byte // of the payload, from the COMMITTED record
	LedgerSequence uint64
	LedgerHead     [32]byte
	SpentNanoMu2   int64 // the year's spend once this release was reserved
	LimitNanoMu2   int64
}

// Faults that stop the loader: trying again cannot help.
var (
	ErrConflict = errors.New("clickhouse holds another payload under this release")
	ErrUnknown  = errors.New("clickhouse names a release that the ledger does not know")
	ErrInvalid  = errors.New("invalid release")
	ErrMismatch = errors.New("clickhouse does not hold the rows that were written")
)

// Loader writes releases into ClickHouse, as the loader user.
type Loader struct {
	ch      *clickhouse.Client
	areas   *Areas
	log     *slog.Logger
	metrics *metrics
}

// NewLoader returns a loader that rolls up with the areas. It does nothing yet.
func NewLoader(ch *clickhouse.Client, areas *Areas, log *slog.Logger, reg prometheus.Registerer) *Loader {
	return &Loader{ch: ch, areas: areas, log: log, metrics: newMetrics(reg)}
}

// Load brings one committed release into the published tables, replacing
// whatever was there under its id. It MUST NOT name the release in
// published.releases before its cells and estimates have been written and
// read back; a crash in between leaves nothing that a reader can see.
func (l *Loader) Load(ctx context.Context, c Committed) error {
	began := time.Now()
	if err := l.load(ctx, c); err != nil {
		l.metrics.loads.WithLabelValues("failed").Inc()
		return fmt.Errorf("loading release %s: %w", c.Release.ID, err)
	}
	l.metrics.loads.WithLabelValues("loaded").Inc()
	l.metrics.cells.Add(float64(len(c.Release.Cells)))
	l.metrics.duration.Observe(time.Since(began).Seconds())
	l.log.Info("release loaded", "release", c.Release.ID, "cells", len(c.Release.Cells), "took", time.Since(began))
	return nil
}

func (l *Loader) load(ctx context.Context, c Committed) error {
	steps, err := l.steps(ctx, c)
	if err != nil {
		return err
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
		crashpoint.Hit("load.step", string(c.Release.ID))
	}
	return nil
}

// steps is the whole load, in the order that keeps readers safe. Each step may
// be cut short and run again.
func (l *Loader) steps(ctx context.Context, c Committed) ([]func() error, error) {
	if err := check(c.Release); err != nil {
		return nil, err
	}
	estimates, err := Estimates(l.areas, c.Release)
	if err != nil {
		return nil, err
	}
	return []func() error{
		func() error { return l.stageCells(ctx, c.Release) },
		func() error { return l.verifyCells(ctx, "staged_cells", c.Release) },
		func() error { return l.publish(ctx, "cells", c.Release.ID) },
		func() error { return l.verifyCells(ctx, "published_cells", c.Release) },
		func() error { return l.stageEstimates(ctx, c.Release.ID, estimates) },
		func() error { return l.verifyEstimates(ctx, c.Release.ID, len(estimates)) },
		func() error { return l.publish(ctx, "estimates", c.Release.ID) },
		func() error { return l.stageRelease(ctx, c, len(estimates)) },
		func() error { return l.publish(ctx, "releases", c.Release.ID) },
		func() error { return l.clearStaging(ctx, c.Release.ID) },
	}, nil
}

var releaseID = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// check refuses what the tables could not hold faithfully.
func check(r release.Release) error {
	var faults []error
	if !releaseID.MatchString(string(r.ID)) {
		faults = append(faults, fmt.Errorf("id %q", r.ID))
	}
	for _, day := range []string{r.Start, r.End} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			faults = append(faults, fmt.Errorf("day %q", day))
		}
	}
	if len(r.Cells) == 0 {
		faults = append(faults, errors.New("no cells"))
	}
	if slices.ContainsFunc(r.Cells, func(c release.Cell) bool { return !(c.Sigma > 0) }) {
		faults = append(faults, errors.New("a cell without noise"))
	}
	if len(faults) > 0 {
		return fmt.Errorf("%w: %w", ErrInvalid, errors.Join(faults...))
	}
	return nil
}

func (l *Loader) publish(ctx context.Context, table string, id release.ID) error {
	if err := l.ch.Exec(ctx, sqlText("publish_"+table), releaseParam(id)); err != nil {
		return fmt.Errorf("publishing %s: %w", table, err)
	}
	return nil
}

func (l *Loader) unstage(ctx context.Context, table string, id release.ID) error {
	if err := l.ch.Exec(ctx, sqlText("unstage_"+table), releaseParam(id)); err != nil {
		return fmt.Errorf("clearing staged %s: %w", table, err)
	}
	return nil
}

func (l *Loader) clearStaging(ctx context.Context, id release.ID) error {
	return errors.Join(l.unstage(ctx, "cells", id), l.unstage(ctx, "estimates", id), l.unstage(ctx, "releases", id))
}

func releaseParam(id release.ID) any { return clickhouse.Param("release", string(id)) }

func hexOf(sum [32]byte) string { return hex.EncodeToString(sum[:]) }
