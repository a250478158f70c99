package anonymize

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"time"

	"brume/anonymize/cohort"
	"brume/anonymize/gate"
	"brume/anonymize/keys"
	"brume/internal/crashpoint"
	"brume/internal/kafka"
	"brume/schemas/event"
	"brume/schemas/policy"
	"brume/schemas/topics"
)

// worker folds one partition.
type worker struct {
	*Service
	number    int
	assigned  kafka.Assignment
	state     *cohort.Partition
	snapshots *snapshots
	saved     int64 // offset of the last snapshot
	told      int64 // the one last committed to the group, -1: none yet
	due       time.Time
	oldest    time.Time // when the first record was logged that is not folded yet, zero: there is none
	alarmed   int       // how many of lagAlarms were raised
	torn      bool      // the state holds half of a record's effects: it MUST NOT be saved
}

// partition restores the partition's state and folds its log until ctx ends,
// then leaves a snapshot.
func (s *Service) partition(ctx context.Context, a kafka.Assignment) error {
	w := &worker{Service: s, number: a.Partition, assigned: a, told: -1}
	w.snapshots = newSnapshots(s, a)
	state, err := w.snapshots.restore(ctx)
	if err != nil {
		return err
	}
	w.state, w.saved, w.due = state, state.Next(), s.Now().Add(s.SnapshotEvery)
	w.report()
	for err = w.follow(ctx); errors.Is(err, kafka.ErrGap) || errors.Is(err, kafka.ErrRewound); err = w.follow(ctx) {
		if err := w.stop(ctx, err); err != nil {
			return err
		}
	}
	if ctx.Err() == nil || w.torn {
		return err
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return w.save(drain)
}

// follow folds the log from where the state stands. Errors of kafka about lost
// records are returned wrapped, whether they were lost before or meanwhile.
func (w *worker) follow(ctx context.Context) error {
	tail, err := w.Kafka.Tail(ctx, topics.Statements, w.number, w.state.Next())
	if err != nil {
		return fmt.Errorf("following the log: %w", err)
	}
	defer tail.Close()
	for {
		wait, cancel := context.WithDeadline(ctx, w.due)
		records, err := tail.Next(wait)
		idle := wait.Err() != nil // nothing came until a snapshot was due
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !idle:
			return err
		}
		w.lags(records)
		for _, r := range records {
			if err := w.apply(ctx, r); err != nil {
				w.torn = true // a close may have forgotten its window, and its partial not rest
				return fmt.Errorf("record %d: %w", r.Offset, err)
			}
			w.state.Advance(r.Offset + 1)
		}
		w.report()
		if !w.Now().Before(w.due) {
			if err := w.save(ctx); err != nil {
				return err
			}
		}
	}
}

// apply folds one record. A record that cannot be opened is quarantined,
// sealed as it is, and the partition goes on.
func (w *worker) apply(ctx context.Context, r kafka.Record) error {
	if event.IsControl(r.Value) {
		return w.control(ctx, r)
	}
	e, err := w.Opener.Open(r.Value, w.number)
	switch {
	case errors.Is(err, event.ErrSealed):
		return w.quarantine(ctx, r, "sealed", err)
	case errors.Is(err, event.ErrKeyGone):
		return w.quarantine(ctx, r, "key_gone", err)
	case err != nil:
		return fmt.Errorf("opening: %w", err) // says nothing about the record: stop and try again
	}
	w.state.Fold(&e, r.Time)
	return nil
}

func (w *worker) control(ctx context.Context, r kafka.Record) error {
	record, err := w.Control.Open(r.Value, w.number)
	if err != nil {
		return w.quarantine(ctx, r, "control", err)
	}
	if w.state.Closes(record) {
		// Whoever restores this partition MUST know all that its partial holds,
		// also after a gap: the yearly meter would else miss a window.
		if err := w.save(ctx); err != nil {
			return err
		}
	}
	closed, err := w.state.Control(record)
	if err != nil {
		return err
	}
	for _, c := range closed {
		if err := w.emit(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// emit rests a partial in its topic. The partial of a release that is already
// committed, replayed after a crash, has no key any more and is not needed.
func (w *worker) emit(ctx context.Context, c cohort.Closed) error {
	id := string(policy.ReleaseID(c.Window))
	key, err := w.Keys.ReleaseKey(id)
	if errors.Is(err, keys.ErrDestroyed) {
		return nil
	}
	if err != nil {
		return err
	}
	name := gate.PartialName(id, w.number)
	if c.Gapped {
		name = gate.GappedName(id, w.number)
	}
	year := w.Env[c.Window.Year]
	sealed, err := c.Sums.Seal(key, gate.PartialContext(name, c.Plan, year.Registry))
	if err != nil {
		return err
	}
	crashpoint.Hit("partial.before", id)
	if err := w.Kafka.Produce(ctx, topics.Partials, 0, kafka.SplitBlob(name, sealed)...); err != nil {
		return fmt.Errorf("resting the partial of %s: %w", id, err)
	}
	crashpoint.Hit("partial.after", id)
	return nil
}

// poisoned is a blob of the quarantine: a record still sealed, with where it
// lay. In JSON it may be larger than a record can be.
type poisoned struct {
	Partition int    `json:"partition"`
	Offset    int64  `json:"offset"`
	Reason    string `json:"reason"`
	Value     []byte `json:"value"`
}

func (w *worker) quarantine(ctx context.Context, r kafka.Record, reason string, why error) error {
	value, err := json.Marshal(poisoned{w.number, r.Offset, reason, r.Value})
	if err != nil {
		return fmt.Errorf("encoding a quarantined record: %w", err)
	}
	name := fmt.Sprintf("%d/%d", w.number, r.Offset)
	if err := w.Kafka.Produce(ctx, topics.Quarantine, 0, kafka.SplitBlob(name, value)...); err != nil {
		return fmt.Errorf("quarantining: %w", err)
	}
	w.Log.Warn("record quarantined", "partition", w.number, "offset", r.Offset, "reason", reason, "error", why)
	w.state.Unread()
	return nil
}

// save writes a snapshot and its counts if anything was folded since the last
// one, and tells the group how far the snapshots have come.
func (w *worker) save(ctx context.Context) error {
	w.due = w.Now().Add(w.SnapshotEvery)
	if w.state.Next() != w.saved {
		if err := w.snapshots.write(ctx, w.state); err != nil {
			return err
		}
		w.saved = w.state.Next()
		w.count(ctx)
	}
	w.tell(ctx)
	return nil
}

// tellFor bounds the wait for what only others want to know.
const tellFor = 3 * time.Second

// tell commits the offset of the last snapshot, which MUST be durable: ingest
// refuses statements when it lags too far behind. What cannot be committed is
// tried again at the next snapshot's time; the state never depends on it.
func (w *worker) tell(ctx context.Context) {
	if w.saved == w.told || len(w.snapshots.known) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tellFor)
	defer cancel()
	if err := w.assigned.Commit(ctx, w.saved); err != nil {
		w.Log.Warn("position not committed", "partition", w.number, "offset", w.saved, "error", err)
		return
	}
	w.told = w.saved
}
