package aggregate

import (
	"context"

	"brume/internal/clickhouse"
	schema "brume/schemas/clickhouse"
)

// Steps is how many steps a load has; the release is visible once
// step VisibleAfter is done.
const (
	Steps        = 10
	VisibleAfter = 8
)

// RunSteps runs some of the steps of a load, as a crash or a race would.
func (l *Loader) RunSteps(ctx context.Context, c Committed, order ...int) error {
	steps, err := l.steps(ctx, c)
	if err != nil {
		return err
	}
	for _, i := range order {
		if err := steps[i](); err != nil {
			return err
		}
	}
	return nil
}

// MigrateWith applies the given migrations only.
func MigrateWith(ctx context.Context, ch *clickhouse.Client, all []schema.Migration) error {
	return migrate(ctx, ch, all)
}

// StepCount is the real number of steps.
func (l *Loader) StepCount(c Committed) int {
	steps, _ := l.steps(context.Background(), c)
	return len(steps)
}
