package kafka

import (
	"context"
	"fmt"
	"time"
)

// Loss is a stretch of a log that is gone.
type Loss struct {
	From, To int64     // To exclusive
	Until    time.Time // when the record at To was appended; zero where the log ends there
}

// Lost returns what a log lacks from an offset on, up to the next record that
// it holds; nothing, with To equal to From, when the record at the offset is
// there or still to come. Where the log ends before the offset it returns
// ErrRewound.
func (c *Client) Lost(ctx context.Context, topic string, partition int, offset int64) (Loss, error) {
	first, end, err := c.Offsets(ctx, topic, partition)
	if err != nil {
		return Loss{}, err
	}
	if offset > end {
		return Loss{}, fmt.Errorf("%w: %s/%d: wanted offset %d, the end is %d", ErrRewound, topic, partition, offset, end)
	}
	t := c.tail(topic, partition, max(offset, first))
	t.sparse = true // a hole is what is looked for
	for t.offset < end {
		records, err := t.run(ctx, false)
		if err != nil {
			return Loss{}, err
		}
		if len(records) > 0 {
			return Loss{From: offset, To: records[0].Offset, Until: records[0].Time}, nil
		}
	}
	return Loss{From: offset, To: end}, nil
}
