package aggregate

import (
	"context"
	"fmt"
	"time"

	"brume/schemas/release"
)

// stageCells replaces the release's staged cells.
func (l *Loader) stageCells(ctx context.Context, r release.Release) error {
	if err := l.unstage(ctx, "cells", r.ID); err != nil {
		return err
	}
	batch, err := l.ch.Batch(ctx, sqlText("stage_cells"))
	if err != nil {
		return fmt.Errorf("staging cells: %w", err)
	}
	defer batch.Close()
	for i, c := range r.Cells {
		if err := batch.Append(string(r.ID), uint32(i), c.Family, c.Area, c.Level, c.Subject, c.Tool, c.Measure, c.Value, c.Sigma); err != nil {
			return fmt.Errorf("staging cell %d: %w", i, err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("staging cells: %w", err)
	}
	return nil
}

// stageEstimates replaces the release's staged estimates.
func (l *Loader) stageEstimates(ctx context.Context, id release.ID, estimates []Estimate) error {
	if err := l.unstage(ctx, "estimates", id); err != nil {
		return err
	}
	batch, err := l.ch.Batch(ctx, sqlText("stage_estimates"))
	if err != nil {
		return fmt.Errorf("staging estimates: %w", err)
	}
	defer batch.Close()
	for i, e := range estimates {
		if err := batch.Append(string(id), e.Kind, e.Area, e.Level, e.Subject, e.Tool, e.Measure,
			e.Value, e.Variance, e.Method, e.Parts, e.PartsOf, e.Enrolment); err != nil {
			return fmt.Errorf("staging estimate %d: %w", i, err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("staging estimates: %w", err)
	}
	return nil
}

// stageRelease replaces the release's staged row.
func (l *Loader) stageRelease(ctx context.Context, c Committed, estimates int) error {
	if err := l.unstage(ctx, "releases", c.Release.ID); err != nil {
		return err
	}
	r := c.Release
	first, _ := time.Parse(time.DateOnly, r.Start) // checked before any step
	last, _ := time.Parse(time.DateOnly, r.End)
	batch, err := l.ch.Batch(ctx, sqlText("stage_release"))
	if err != nil {
		return fmt.Errorf("staging the release: %w", err)
	}
	defer batch.Close()
	if err := batch.Append(string(r.ID), r.SchoolYear, r.Cadence, r.Window, first, last, hexOf(c.Hash), r.PolicyHash,
		r.RegistryHash, r.Epsilon, r.Delta, r.Incomplete, uint32(len(r.Cells)), uint32(estimates),
		c.LedgerSequence, hexOf(c.LedgerHead), c.SpentNanoMu2, c.LimitNanoMu2); err != nil {
		return fmt.Errorf("staging the release: %w", err)
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("staging the release: %w", err)
	}
	return nil
}
