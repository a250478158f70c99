package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	kgo "github.com/segmentio/kafka-go"
)

// committer commits positions of a partition for one generation.
func (c *Client) committer(generation *kgo.Generation, topic string, partition int) func(context.Context, int64) error {
	return func(ctx context.Context, next int64) error {
		return c.attempt(ctx, false, "committing a position", func(ctx context.Context) error {
			return c.commitOnce(ctx, generation, topic, kgo.OffsetCommit{Partition: partition, Offset: next})
		})
	}
}

func (c *Client) commitOnce(ctx context.Context, generation *kgo.Generation, topic string, at kgo.OffsetCommit) error {
	res, err := c.kafka.OffsetCommit(ctx, &kgo.OffsetCommitRequest{
		GroupID: generation.GroupID, GenerationID: int(generation.ID), MemberID: generation.MemberID,
		Topics: map[string][]kgo.OffsetCommit{topic: {at}},
	})
	if err != nil {
		return err
	}
	for _, p := range res.Topics[topic] {
		if p.Partition != at.Partition {
			continue
		}
		for _, stale := range []error{kgo.IllegalGeneration, kgo.UnknownMemberId, kgo.RebalanceInProgress, kgo.FencedInstanceID} {
			if errors.Is(p.Error, stale) {
				return fmt.Errorf("%w: %w", ErrStale, p.Error)
			}
		}
		return p.Error
	}
	return kgo.UnknownTopicOrPartition
}

// Committed returns, for each partition of the topic that the group ever
// committed a position of, the last one: the offset of the first record that
// has not yet had its effect.
func (c *Client) Committed(ctx context.Context, group, topic string) (map[int]int64, error) {
	name := c.name(topic)
	var positions map[int]int64
	err := c.attempt(ctx, false, "asking for the positions of "+group, func(ctx context.Context) error {
		res, err := c.kafka.OffsetFetch(ctx, &kgo.OffsetFetchRequest{GroupID: c.name(group)}) // of every topic
		if err != nil {
			return err
		}
		positions = map[int]int64{}
		if errors.Is(res.Error, kgo.GroupIdNotFound) {
			return nil // nobody has joined it yet
		}
		if res.Error != nil {
			return res.Error
		}
		for _, p := range res.Topics[name] {
			if p.Error != nil {
				return p.Error
			}
			if p.CommittedOffset >= 0 {
				positions[p.Partition] = p.CommittedOffset
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("asking for the positions of %s in %s: %w", group, topic, err)
	}
	return positions, nil
}

// TimeAt returns when the record at the offset was appended, and false at the
// end of the log. Before the log's first record it returns ErrGap, beyond its
// end ErrRewound.
func (c *Client) TimeAt(ctx context.Context, topic string, partition int, offset int64) (at time.Time, ok bool, err error) {
	t := c.tail(topic, partition, offset)
	err = c.attempt(ctx, false, "reading "+topic, func(ctx context.Context) error {
		p, err := c.fetchOnce(ctx, t.lane, offset, 1, 0)
		if errors.Is(err, kgo.OffsetOutOfRange) {
			return t.outOfRange(ctx)
		}
		if err != nil || p.HighWatermark == offset {
			return err
		}
		batches, err := parseBatches(p.Batches.bytes, partition)
		if err != nil && len(batches) == 0 {
			return err
		}
		records, err := t.accept(ctx, batches)
		switch {
		case err != nil:
			return err
		case len(records) == 0:
			return kgo.OffsetOutOfRange // there is one, and the answer was without it: ask again
		}
		at, ok = records[0].Time, true
		return nil
	})
	if err != nil {
		return time.Time{}, false, fmt.Errorf("asking for the time of %s/%d at %d: %w", topic, partition, offset, err)
	}
	return at, ok, nil
}
