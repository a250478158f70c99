package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	kgo "github.com/segmentio/kafka-go"
)

const (
	runBytes  = 4 << 20
	fetchWait = 500 * time.Millisecond
)

// Record is one record of a log. Time is when the broker appended it, in its
// clock, or when it was produced where the broker does not keep that.
type Record struct {
	Partition int
	Offset    int64
	Time      time.Time
	Key       []byte
	Value     []byte
}

// Tail reads one partition from an offset on, without end.
type Tail struct {
	c      *Client
	lane   lane
	topic  string
	offset int64 // of the next record
	end    int64 // of the log at the last fetch
	sparse bool  // the topic is compacted: offsets may be missing
}

// Tail opens a partition at an offset, which must lie in the log or at its
// end. Nothing is held open; Close is for symmetry and stops further use.
func (c *Client) Tail(ctx context.Context, topic string, partition int, offset int64) (*Tail, error) {
	t := c.tail(topic, partition, offset)
	first, next, err := c.Offsets(ctx, topic, partition)
	if err != nil {
		return nil, err
	}
	if err := t.check(ctx, first, next); err != nil {
		return nil, err
	}
	return t, nil
}

func (c *Client) tail(topic string, partition int, offset int64) *Tail {
	return &Tail{c: c, lane: lane{c.name(topic), partition}, topic: topic, offset: offset}
}

// Next waits for records and returns all that came at once, at most about
// 4 MB, in order. It MUST NOT pass over a record in silence: where one is
// missing it returns ErrGap, where the log has become shorter ErrRewound, and
// does so again when asked again. While the brokers are away it waits on; it
// returns ErrUnavailable only when ctx ends.
func (t *Tail) Next(ctx context.Context) ([]Record, error) {
	for {
		records, err := t.run(ctx, true)
		if err != nil || len(records) > 0 {
			return records, err
		}
	}
}

// Offset is the position of the record that Next waits for.
func (t *Tail) Offset() int64 { return t.offset }

// Close ends the tail.
func (t *Tail) Close() error { return nil }

// run fetches once, again only after errors that may pass. The result may be
// empty.
func (t *Tail) run(ctx context.Context, forEver bool) ([]Record, error) {
	var records []Record
	err := t.c.attempt(ctx, forEver, "reading "+t.topic, func(ctx context.Context) error {
		p, err := t.c.fetchOnce(ctx, t.lane, t.offset, runBytes, fetchWait)
		if errors.Is(err, kgo.OffsetOutOfRange) {
			return t.outOfRange(ctx)
		}
		if err != nil {
			return err
		}
		batches, err := parseBatches(p.Batches.bytes, t.lane.partition)
		if err != nil && len(batches) == 0 {
			return err
		}
		t.end = p.HighWatermark
		records, err = t.accept(ctx, batches)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s/%d at %d: %w", t.topic, t.lane.partition, t.offset, err)
	}
	t.c.stats.read.Add(int64(len(records)))
	return records, nil
}

// accept takes the records from t.offset on and moves the position past them.
func (t *Tail) accept(ctx context.Context, batches []batch) ([]Record, error) {
	var records []Record
	next := t.offset
	for _, b := range batches {
		if b.next <= next {
			continue // a fetch may begin before what was asked for
		}
		for _, r := range b.records {
			if r.Offset < next {
				continue
			}
			if err := t.step(ctx, next, r.Offset); err != nil {
				return nil, err
			}
			records = append(records, r)
			next = r.Offset + 1
		}
		if err := t.step(ctx, next, b.next); err != nil {
			return nil, err
		}
		next = b.next
	}
	t.offset = next
	return records, nil
}

// step judges a move of the position from want to got.
func (t *Tail) step(ctx context.Context, want, got int64) error {
	if got == want || t.sparse {
		return nil
	}
	compacted, err := t.c.compacted(ctx, t.lane.topic)
	if err != nil {
		return err
	}
	if t.sparse = compacted; compacted {
		return nil
	}
	return fmt.Errorf("%w: %s/%d: wanted offset %d, got %d", ErrGap, t.topic, t.lane.partition, want, got)
}

// outOfRange finds out why the broker does not know the position. A log that
// holds it after all is asked again.
func (t *Tail) outOfRange(ctx context.Context) error {
	first, next, err := t.c.listOffsets(ctx, t.lane)
	if err != nil {
		return err
	}
	if err := t.check(ctx, first, next); err != nil {
		return err
	}
	return kgo.OffsetOutOfRange
}

func (t *Tail) check(ctx context.Context, first, next int64) error {
	if t.offset > next {
		return fmt.Errorf("%w: %s/%d: wanted offset %d, the end is %d", ErrRewound, t.topic, t.lane.partition, t.offset, next)
	}
	if t.offset >= first {
		return nil
	}
	if err := t.step(ctx, t.offset, first); err != nil {
		return err
	}
	t.offset = first
	return nil
}
