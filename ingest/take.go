package ingest

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"brume/ingest/tally"
	"brume/internal/crashpoint"
	"brume/internal/kafka"
	"brume/schemas/event"
	"brume/schemas/mapping"
	"brume/schemas/topics"
	"brume/schemas/xapi"
)

// take maps, seals and produces a batch, and counts it once the broker has all
// of it; a batch that is not taken is the caller's to count. What a sandbox key
// sends is mapped and counted apart, and goes nowhere.
func (s *Server) take(r *request, batch xapi.Batch) *problem {
	t := tally.Accepted(len(batch.Statements), s.deps.Now())
	p := conflict(r, batch)
	if p == nil {
		p = spend(&r.publisher, len(batch.Statements), s.deps.Now())
	}
	if p == nil {
		p = s.forward(r, batch, &t)
	}
	if p != nil {
		return p
	}
	r.window.Put(r.owner(), r.v2, batch.Statements, r.parts)
	s.counts.Took(r.publisher, &t)
	return nil
}

// forward seals and produces a batch. What may come again because it could not
// be taken is given back to the key's rate, and is an outage; unless the client
// has left: the broker may have it then, and leaving must not be a way around
// the rate.
func (s *Server) forward(r *request, batch xapi.Batch, t *tally.Tally) *problem {
	records, p := s.sealed(r, batch, t)
	if p == nil {
		p = s.produce(r.Context(), records)
	}
	switch {
	case p == nil && len(records) > 0:
		s.outage.met("")
	case p != nil && !p.final() && r.Context().Err() == nil:
		r.publisher.Refund(s.deps.Now(), len(batch.Statements))
		s.outage.met(p.Code)
	}
	return p
}

// missed counts a batch of n that was not taken: what broke a rule as refused,
// or all as postponed.
func (s *Server) missed(r *request, p *problem, n int) {
	if p.final() {
		s.counts.Refused(r.publisher, p.Code, int64(max(1, len(p.Errors))))
		return
	}
	s.counts.Postponed(r.publisher, p.Code, int64(n))
}

// conflict refuses a statement whose id the publisher gave to another one. It
// is best effort, per instance: the log's first record decides in the end.
func conflict(r *request, batch xapi.Batch) *problem {
	i, conflict := r.window.ConflictWithin(&r.compare, r.publisher.Number, batch.Statements)
	if !conflict {
		return nil
	}
	rule := "xAPI Communication 2.1"
	if r.v2 {
		rule = "xAPI 2.0 4.1.6.1"
	}
	return &problem{Status: http.StatusConflict, Code: "statement.conflict",
		Errors: []xapi.Fault{{Code: "statement.conflict", Pointer: place(batch, i), Rule: rule}}}
}

// record is a sealed event on its way to a partition.
type record struct {
	partition int
	value     []byte
}

// sealed turns statements into records, those of a sandbox key into none.
// Statements that are not folded are tallied by reason.
func (s *Server) sealed(r *request, batch xapi.Batch, t *tally.Tally) ([]record, *problem) {
	at := s.reception(r)
	var records []record
	if !r.publisher.Sandbox {
		records = make([]record, 0, len(batch.Statements))
	}
	for i := range batch.Statements {
		st := &batch.Statements[i]
		e, ok := s.fate(r, st, at, t)
		if !ok {
			continue
		}
		if p := permit(r, batch, i, &e); p != nil {
			return nil, p
		}
		if r.publisher.Sandbox {
			continue
		}
		e.Fingerprint = s.deps.Fingerprint(r.publisher.Number, st.ID)
		partition := s.deps.Routing(e.Actor.Reveal(), s.cfg.Partitions)
		value, err := s.deps.Sealer.Seal(&e, partition)
		if err != nil {
			return nil, s.unsealed(r, err)
		}
		records = append(records, record{partition, value})
	}
	return records, nil
}

func (s *Server) reception(r *request) mapping.Reception {
	return mapping.Reception{Publisher: r.publisher.Name, Number: r.publisher.Number, Time: s.deps.Now(), DataClock: s.cfg.Clock == DataClock}
}

// fate maps a statement and tallies what becomes of it; ok is false when it is
// not folded.
func (s *Server) fate(r *request, st *xapi.Statement, at mapping.Reception, t *tally.Tally) (e event.Event, ok bool) {
	e, reason, ok := r.publisher.Mapping.Event(st, s.deps.Registry, at)
	if !ok {
		t.Drop(reason)
		return e, false
	}
	_, known := r.publisher.Mapping.Kind(st.Verb)
	t.Unmapped(&e, known)
	return e, true
}

func (s *Server) unsealed(r *request, err error) *problem {
	s.deps.Log.Error("sealing statements", "publisher", r.publisher.Name, "err", err)
	if errors.Is(err, event.ErrNoKey) {
		return unavailable("unavailable.sealing_key", 30*time.Second)
	}
	return &problem{Status: http.StatusInternalServerError, Code: "internal"}
}

// produce returns nil when the broker has acknowledged every record. The
// records of one partition keep their order.
func (s *Server) produce(ctx context.Context, records []record) *problem {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Acknowledge)
	defer cancel()
	var err error
	switch len(records) {
	case 0:
		return nil
	case 1:
		crashpoint.Hit("ingest.before")
		err = s.deps.Producer.Produce(ctx, topics.Statements, records[0].partition, records[0].value)
	default:
		err = s.fanOut(ctx, records)
	}
	if err == nil {
		crashpoint.Hit("ingest.after")
		return nil
	}
	s.deps.Log.Warn("producing statements", "err", err)
	if errors.Is(err, kafka.ErrBusy) {
		return unavailable("unavailable.busy", time.Second)
	}
	return unavailable("unavailable.broker", 5*time.Second)
}

// fanOut produces the records of each partition at once and waits for all.
func (s *Server) fanOut(ctx context.Context, records []record) error {
	byPartition := make(map[int][][]byte, min(len(records), s.cfg.Partitions))
	for _, r := range records {
		byPartition[r.partition] = append(byPartition[r.partition], r.value)
	}
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		errs []error
	)
	for partition, values := range byPartition {
		wg.Go(func() {
			crashpoint.Hit("ingest.before")
			if err := s.deps.Producer.Produce(ctx, topics.Statements, partition, values...); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
