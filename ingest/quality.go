package ingest

import (
	"context"
	"encoding/json/v2"
	"maps"
	"slices"
	"time"

	"brume/schemas/topics"
)

// Quality is one record of the topic quality: what one instance did for one
// publisher since it last said so. It counts statements, never people.
type Quality struct {
	Instance  string           `json:"instance"`
	Publisher string           `json:"publisher"`
	Until     time.Time        `json:"until"`
	Accepted  int64            `json:"accepted"`
	Refused   int64            `json:"refused"`
	Postponed int64            `json:"postponed"`
	ByCode    map[string]int64 `json:"by_code,omitempty"`  // refused and postponed
	Dropped   map[string]int64 `json:"dropped,omitempty"`  // accepted and not sent on
	Unmapped  map[string]int64 `json:"unmapped,omitempty"` // sent on without a known value
}

// since takes an earlier state away, and drops what is zero then.
func (t *tally) since(before tally) Quality {
	return Quality{
		Accepted: t.accepted - before.accepted, Refused: t.refused - before.refused, Postponed: t.postponed - before.postponed,
		ByCode: minus(t.byCode, before.byCode), Dropped: minus(t.dropped, before.dropped), Unmapped: minus(t.others(), before.others()),
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
	state := make(map[string]tally, len(s.counts.publishers))
	for name, t := range s.counts.publishers {
		state[name] = t.clone()
	}
	s.counts.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(state)) {
		now := state[name]
		q := now.since(s.reported[name])
		if q.Accepted == 0 && q.Refused == 0 && q.Postponed == 0 {
			continue
		}
		q.Instance, q.Publisher, q.Until = s.cfg.Instance, name, s.deps.Now().UTC()
		value, err := json.Marshal(q)
		if err == nil {
			err = s.deps.Producer.Produce(ctx, topics.Quality, 0, value)
		}
		if err != nil {
			s.deps.Log.Warn("reporting quality", "publisher", name, "err", err)
			continue
		}
		s.reported[name] = now
	}
}
