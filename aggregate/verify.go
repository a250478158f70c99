package aggregate

import (
	"context"
	"fmt"

	"brume/schemas/release"
)

// verifyCells reads the cells back and compares them, bit for bit, with the
// payload whose hash the ledger committed.
func (l *Loader) verifyCells(ctx context.Context, query string, r release.Release) error {
	rows, err := l.ch.Query(ctx, sqlText(query), releaseParam(r.ID))
	if err != nil {
		return fmt.Errorf("reading cells back: %w", err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var c release.Cell
		if err := rows.Scan(&c.Family, &c.Area, &c.Level, &c.Subject, &c.Tool, &c.Measure, &c.Value, &c.Sigma); err != nil {
			return fmt.Errorf("reading cells back: %w", err)
		}
		if n >= len(r.Cells) || c != r.Cells[n] {
			return fmt.Errorf("%s, cell %d: %w", query, n, ErrMismatch)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading cells back: %w", err)
	}
	if n != len(r.Cells) {
		return fmt.Errorf("%s: %d of %d cells: %w", query, n, len(r.Cells), ErrMismatch)
	}
	return nil
}

func (l *Loader) verifyEstimates(ctx context.Context, id release.ID, want int) error {
	rows, err := l.ch.Query(ctx, sqlText("staged_estimates"), releaseParam(id))
	if err != nil {
		return fmt.Errorf("counting estimates: %w", err)
	}
	defer rows.Close()
	var count, distinct uint64
	for rows.Next() {
		if err := rows.Scan(&count, &distinct); err != nil {
			return fmt.Errorf("counting estimates: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("counting estimates: %w", err)
	}
	if count != uint64(want) || distinct != count {
		return fmt.Errorf("%d estimates, %d distinct, want %d: %w", count, distinct, want, ErrMismatch)
	}
	return nil
}
