package kafka

import (
	"context"
	"errors"
	"time"
)

// reread is how long Follow waits before it begins again.
const reread = time.Second

// Follow reads one partition from its first record on and then whatever comes,
// until ctx ends, and returns nil then. It begins again, with begin, after the
// brokers were away or where records are missing: what take made of the records
// before is void then. begin gets the first offset. take gets records in order, and
// current when the broker had no more: it is called so, without records, at least
// every few seconds while the broker answers, so that its silence can be told from
// that of the log. Neither is called by two goroutines.
func (c *Client) Follow(ctx context.Context, topic string, partition int, begin func(first int64), take func(records []Record, current bool)) error {
	for {
		err := c.follow(ctx, topic, partition, begin, take)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrUnavailable), errors.Is(err, ErrRewound), errors.Is(err, ErrGap):
			c.log.Warn("kafka: following again from the beginning", "err", err)
		default:
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(reread):
		}
	}
}

func (c *Client) follow(ctx context.Context, topic string, partition int, begin func(int64), take func([]Record, bool)) error {
	first, end, err := c.Offsets(ctx, topic, partition)
	if err != nil {
		return err
	}
	begin(first)
	if first == end {
		take(nil, true)
	}
	t := c.tail(topic, partition, first)
	for {
		before := t.offset
		records, err := t.run(ctx, true)
		if err != nil {
			return err
		}
		current := t.offset >= t.end || t.offset == before && t.atCompactedEnd(ctx)
		if len(records) > 0 || current {
			take(records, current)
		}
	}
}
