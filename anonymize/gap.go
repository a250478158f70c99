package anonymize

import (
	"context"
	"errors"
	"time"

	"brume/internal/kafka"
	"brume/schemas/control"
	"brume/schemas/event"
	"brume/schemas/topics"
)

// lookForGap is how often a stopped partition looks for its GAP record.
const lookForGap = 2 * time.Second

// stop stops this partition, and no other, because its log lost records that
// it had not folded: going on in silence would publish wrong figures. It
// returns nil once the partition has passed over exactly what it lacks, which
// a GAP of the operator's names. A log that became shorter is no gap: it
// stays stopped.
func (w *worker) stop(ctx context.Context, why error) error {
	w.Log.Error("ALARM lost-log: partition stopped", "partition", w.number, "error", why)
	w.oldest = w.Now()
	w.show(why)
	if errors.Is(why, kafka.ErrRewound) {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := w.save(ctx); err != nil { // the operator asks the group for the position that GAP names
		return err
	}
	tick := time.NewTicker(lookForGap)
	defer tick.Stop()
	for searched := int64(0); ; {
		gap, found, err := w.findGap(ctx, &searched)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case found:
			return w.pass(ctx, gap)
		case err != nil:
			w.Log.Warn("looking for a GAP record", "partition", w.number, "error", err)
		}
		w.lag()
		w.show(why)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// findGap looks in what the log still holds, from where it has not searched
// yet, for the GAP of exactly what the log lacks now. Any other is passed over.
func (w *worker) findGap(ctx context.Context, searched *int64) (gap control.Record, found bool, err error) {
	loss, err := w.Kafka.Lost(ctx, topics.Statements, w.number, w.state.Next())
	if err != nil {
		return control.Record{}, false, err
	}
	if !loss.Until.IsZero() && loss.Until.Before(w.oldest) {
		w.oldest = loss.Until // and what was lost is older
	}
	*searched, err = w.Kafka.ReadAll(ctx, topics.Statements, w.number, max(*searched, loss.To), func(r kafka.Record) error {
		if !event.IsControl(r.Value) {
			return nil
		}
		c, err := w.Control.Open(r.Value, w.number)
		if err == nil && !found && c.Kind == control.Gap && c.From == loss.From && c.To == loss.To {
			gap, found = c, true
		}
		return nil
	})
	return gap, found, err
}

// pass goes on after the gap and saves that at once: should the log lose more
// until then the same GAP fits no longer.
func (w *worker) pass(ctx context.Context, gap control.Record) error {
	if !w.state.Gap(gap) {
		return errors.New("the gap does not follow the state")
	}
	w.Log.Warn("partition goes on after a gap: what its open windows held is dropped", "partition", w.number, "from", gap.From, "to", gap.To)
	if err := w.save(ctx); err != nil {
		return err
	}
	w.report()
	return nil
}
