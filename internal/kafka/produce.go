package kafka

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	kgo "github.com/segmentio/kafka-go"
)

const (
	batchBytes   = 900_000 // below the brokers' default limit for a batch
	batchRecords = 2000
	recordCost   = 128 // what a waiting record costs besides its bytes
)

// lane is one partition's way into the log: one request in flight, so that
// order is kept and a retry cannot overtake.
type lane struct {
	topic     string // as the brokers know it
	partition int
}

// queue holds the calls that wait for their lane. Whoever finds it idle starts
// its worker, which ends when nothing waits.
type queue struct {
	calls  []*call
	active bool
}

// call is one Produce: its entries are appended in order.
type call struct {
	ctx     context.Context
	entries []entry
	size    int64
	done    chan error
}

// entry is one record on its way, in memory that nobody else changes.
type entry struct{ key, value []byte }

func (e entry) size() int { return len(e.key) + len(e.value) + recordCost }

// Produce appends the values to the partition, in order, and returns when all
// of them are acknowledged by all in-sync replicas. It MUST NOT return nil
// earlier. After an error some, all or none may be in the log, and after a
// retry inside they may be there twice.
//
// Concurrent calls share requests without lingering: a batch is whatever
// queued while the one before it was on its way. ErrBusy means that nothing
// was queued.
func (c *Client) Produce(ctx context.Context, topic string, partition int, values ...[]byte) error {
	if len(values) == 0 {
		return nil
	}
	entries := make([]entry, len(values))
	for i, v := range values {
		entries[i].value = bytes.Clone(v)
	}
	return c.produce(ctx, topic, partition, entries)
}

// ProduceKeyed is Produce for compacted topics: the log keeps the last value
// of each key, and a nil value deletes it.
func (c *Client) ProduceKeyed(ctx context.Context, topic string, partition int, key, value []byte) error {
	return c.produce(ctx, topic, partition, []entry{{bytes.Clone(key), bytes.Clone(value)}})
}

func (c *Client) produce(ctx context.Context, topic string, partition int, entries []entry) error {
	err := c.enqueued(ctx, lane{c.name(topic), partition}, entries)
	if err != nil {
		return fmt.Errorf("producing to %s/%d: %w", topic, partition, err)
	}
	return nil
}

func (c *Client) enqueued(ctx context.Context, l lane, entries []entry) error {
	call := &call{ctx: ctx, entries: entries, done: make(chan error, 1)}
	for _, e := range entries {
		if e.size() > batchBytes {
			return fmt.Errorf("%w: %d bytes of at most %d", ErrTooLarge, e.size(), batchBytes)
		}
		call.size += int64(e.size())
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.enqueue(l, call); err != nil {
		return err
	}
	select {
	case err := <-call.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
}

// enqueue hands the call to its lane's worker, which it starts if need be.
func (c *Client) enqueue(l lane, call *call) error {
	if c.inFlight.Add(call.size) > c.cfg.MaxInFlightBytes {
		c.inFlight.Add(-call.size)
		c.stats.busy.Add(1)
		return ErrBusy
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		c.inFlight.Add(-call.size)
		return fmt.Errorf("%w: %w", ErrUnavailable, errClosed)
	}
	q := c.lanes[l]
	if q == nil {
		q = &queue{}
		c.lanes[l] = q
	}
	q.calls = append(q.calls, call)
	if !q.active {
		q.active = true
		c.work.Go(func() { c.drain(l, q) })
	}
	return nil
}

// drain is a lane's worker: it produces batch after batch until nothing waits.
func (c *Client) drain(l lane, q *queue) {
	for {
		c.mu.Lock()
		batch := q.take()
		if len(batch) == 0 {
			q.active = false
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		live := c.dismiss(batch)
		err := c.send(l, live)
		for _, call := range live {
			c.inFlight.Add(-call.size)
			call.done <- err
		}
	}
}

// dismiss answers the calls whose callers have gone, which are not sent, and
// returns the others.
func (c *Client) dismiss(batch []*call) (live []*call) {
	for _, call := range batch {
		if err := call.ctx.Err(); err != nil {
			c.inFlight.Add(-call.size)
			call.done <- fmt.Errorf("%w: %w", ErrUnavailable, err)
			continue
		}
		live = append(live, call)
	}
	return live
}

// take removes the calls of the next batch: whole calls, at least one.
func (q *queue) take() []*call {
	var size int64
	records, n := 0, 0
	for _, call := range q.calls {
		if n > 0 && (size+call.size > batchBytes || records+len(call.entries) > batchRecords) {
			break
		}
		size += call.size
		records += len(call.entries)
		n++
	}
	batch := q.calls[:n:n]
	if n == len(q.calls) {
		q.calls = nil
	} else {
		q.calls = q.calls[n:]
	}
	return batch
}

// send produces the records of the calls, in one request unless a call is
// larger than that.
func (c *Client) send(l lane, batch []*call) error {
	var entries []entry
	for _, call := range batch {
		entries = append(entries, call.entries...)
	}
	ctx, cancel := whileAnyoneWaits(batch)
	defer cancel()
	for len(entries) > 0 {
		n, size := 0, 0
		for n < len(entries) && n < batchRecords && (n == 0 || size+entries[n].size() <= batchBytes) {
			size += entries[n].size()
			n++
		}
		if err := c.sendOne(ctx, l, entries[:n]); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// sendOne produces one request and repeats it, with the same bytes, until it
// is acknowledged or time is up.
func (c *Client) sendOne(ctx context.Context, l lane, entries []entry) error {
	now := time.Now() // one time for the batch, the same in every attempt
	attempts := 0
	err := c.attempt(ctx, false, "producing to "+c.short(l.topic), func(ctx context.Context) error {
		attempts++
		res, err := c.kafka.Produce(ctx, &kgo.ProduceRequest{
			Topic:        l.topic,
			Partition:    l.partition,
			RequiredAcks: kgo.RequireAll,
			Records:      kgo.NewRecordReader(recordsOf(entries, now)...),
		})
		if err != nil {
			return err
		}
		return res.Error
	})
	c.stats.retries.Add(int64(attempts - 1))
	if err != nil {
		c.stats.failed.Add(int64(len(entries)))
		return err
	}
	c.stats.batches.Add(1)
	c.stats.records.Add(int64(len(entries)))
	return nil
}

// recordsOf makes new records for each attempt: sending consumes them, and an
// attempt that was given up may still be doing so.
func recordsOf(entries []entry, now time.Time) []kgo.Record {
	records := make([]kgo.Record, len(entries))
	for i, e := range entries {
		records[i] = kgo.Record{Time: now, Key: kgo.NewBytes(e.key), Value: kgo.NewBytes(e.value)}
	}
	return records
}

// whileAnyoneWaits ends when every caller of the batch has gone.
func whileAnyoneWaits(batch []*call) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	var mu sync.Mutex
	waiting := len(batch)
	stops := make([]func() bool, 0, len(batch))
	for _, call := range batch {
		stops = append(stops, context.AfterFunc(call.ctx, func() {
			mu.Lock()
			defer mu.Unlock()
			if waiting--; waiting == 0 {
				cancel(errors.New("nobody waits any more"))
			}
		}))
	}
	return ctx, func() {
		for _, stop := range stops {
			stop()
		}
		cancel(nil)
	}
}
