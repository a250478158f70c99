package ingest

import (
	"cmp"
	"context"
	"encoding/json/v2"
	"maps"
	"slices"
	"strconv"

	"brume/schemas/quality"
	"brume/schemas/topics"
)

// since takes an earlier state away, and drops what is zero then.
func (t *tally) since(before tally) quality.Intake {
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

// report produces the counts since the last report of each publisher. What
// cannot be produced is in the next report.
func (s *Server) report(ctx context.Context) {
	s.counts.mu.Lock()
	state := make(map[party]tally, len(s.counts.parties))
	for p, t := range s.counts.parties {
		state[p] = t.clone()
	}
	s.counts.mu.Unlock()
	for _, p := range slices.SortedFunc(maps.Keys(state), compareParties) {
		now := state[p]
		q := now.since(s.reported[p])
		if q.Accepted == 0 && q.Refused == 0 && q.Postponed == 0 {
			continue
		}
		q.Instance, q.Publisher, q.Sandbox, q.Until = s.cfg.Instance, p.publisher, p.sandbox, s.deps.Now().UTC()
		value, err := json.Marshal(q)
		if err == nil {
			err = s.deps.Producer.Produce(ctx, topics.Quality, 0, value)
		}
		if err != nil {
			s.deps.Log.Warn("reporting quality", "publisher", p.publisher, "err", err)
			continue
		}
		s.reported[p] = now
		s.counts.sampled(p, q.Samples)
	}
}

func compareParties(a, b party) int {
	return cmp.Or(cmp.Compare(a.publisher, b.publisher), cmp.Compare(strconv.FormatBool(a.sandbox), strconv.FormatBool(b.sandbox)))
}

// sampled forgets the samples that were reported, so that later ones are taken.
func (c *counts) sampled(p party, reported map[string]quality.Sample) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for code := range reported {
		delete(c.parties[p].samples, code)
	}
}
