package operate

import (
	"context"
	"time"

	"brume/schemas/policy"
	"brume/schemas/registry"
)

// Clock is the operator's routine: it configures every year at start, keeps
// the partitions alive, and closes windows on schedule if it may.
type Clock struct {
	Operator
	Plans    []*policy.Plan // of one year the earlier first
	Registry *registry.Registry
	Close    bool // else windows close by command
}

// Prepare configures every year in the log by its last plan. It MUST have returned before the
// years are opened in the ledger.
func (c Clock) Prepare(ctx context.Context) error {
	for _, plan := range policy.Present(c.Plans) {
		if err := c.Configure(ctx, plan, c.Registry); err != nil {
			return err
		}
	}
	return c.Heartbeat(ctx)
}

// Run beats hourly and closes what is due, until ctx ends.
func (c Clock) Run(ctx context.Context) error {
	beat, look := time.NewTicker(time.Hour), time.NewTicker(time.Minute)
	defer beat.Stop()
	defer look.Stop()
	closed := map[string]int{} // year and cadence → windows closed
	for {
		if c.Close {
			if err := c.closeDue(ctx, closed); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		case <-beat.C:
			if err := c.Heartbeat(ctx); err != nil {
				return err
			}
		}
	}
}

// closeDue closes the last due window of each year and cadence, and so all
// before it, unless this process has done so already.
func (c Clock) closeDue(ctx context.Context, closed map[string]int) error {
	for _, plan := range c.Plans {
		for _, w := range Due(plan.Policy, c.Now()) {
			key := w.Year + "/" + string(w.Cadence)
			if closed[key] > w.Index {
				continue
			}
			if err := c.Operator.Close(ctx, w); err != nil {
				return err
			}
			closed[key] = w.Index + 1
		}
	}
	return nil
}
