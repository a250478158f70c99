package tally

import (
	"cmp"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"brume/schemas/quality"
)

// since takes an earlier state away, and drops what is zero then.
func (t *Tally) since(before Tally) quality.Intake {
	return quality.Intake{
		Accepted: t.accepted - before.accepted, Refused: t.refused - before.refused, Postponed: t.postponed - before.postponed,
		ByCode: minus(t.byCode, before.byCode), Dropped: minus(t.dropped, before.dropped), Unmapped: minus(t.others(), before.others()),
		Last: t.last.UTC(), Samples: t.samples,
	}
}

func minus(now, before map[string]int64) map[string]int64 {
	d := map[string]int64{}
	for k, n := range now {
		if n != before[k] {
			d[k] = n - before[k]
		}
	}
	return d
}

// Report sends the counts of each publisher since the last report of it, as an
// instance. What cannot be sent is in the next one. It MUST NOT be called by two
// goroutines at once.
func (c *Counter) Report(ctx context.Context, instance string, send func(ctx context.Context, value []byte) error) error {
	state := c.state()
	var errs []error
	for _, p := range slices.SortedFunc(maps.Keys(state), compareParties) {
		now := state[p]
		q := now.since(c.reported[p])
		if q.Accepted == 0 && q.Refused == 0 && q.Postponed == 0 {
			continue
		}
		q.Instance, q.Publisher, q.Sandbox, q.Until = instance, p.publisher, p.sandbox, c.now().UTC()
		value, err := json.Marshal(q)
		if err == nil {
			err = send(ctx, value)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("publisher %s: %w", p.publisher, err))
			continue
		}
		c.reported[p] = now
		c.sampled(p, q.Samples)
	}
	return errors.Join(errs...)
}

func (c *Counter) state() map[party]Tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	state := make(map[party]Tally, len(c.parties))
	for p, t := range c.parties {
		state[p] = t.clone()
	}
	return state
}

func compareParties(a, b party) int {
	return cmp.Or(cmp.Compare(a.publisher, b.publisher), cmp.Compare(strconv.FormatBool(a.sandbox), strconv.FormatBool(b.sandbox)))
}

// sampled forgets the samples that were reported, so that later ones are taken.
func (c *Counter) sampled(p party, reported map[string]quality.Sample) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for code := range reported {
		delete(c.parties[p].samples, code)
	}
}
