package kafka

import (
	"context"
	"errors"
	"fmt"

	kgo "github.com/segmentio/kafka-go"
)

// Offsets returns the offset of the partition's first record and the one that
// its next record will get.
func (c *Client) Offsets(ctx context.Context, topic string, partition int) (first, next int64, err error) {
	l := lane{c.name(topic), partition}
	err = c.attempt(ctx, false, "asking for the offsets of "+topic, func(ctx context.Context) error {
		first, next, err = c.listOffsets(ctx, l)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("asking for the offsets of %s/%d: %w", topic, partition, err)
	}
	return first, next, nil
}

func (c *Client) listOffsets(ctx context.Context, l lane) (first, next int64, err error) {
	res, err := c.kafka.ListOffsets(ctx, &kgo.ListOffsetsRequest{Topics: map[string][]kgo.OffsetRequest{
		l.topic: {kgo.FirstOffsetOf(l.partition), kgo.LastOffsetOf(l.partition)},
	}})
	if err != nil {
		return 0, 0, err
	}
	for _, p := range res.Topics[l.topic] {
		if p.Partition != l.partition {
			continue
		}
		if p.Error != nil {
			return 0, 0, p.Error
		}
		if p.FirstOffset < 0 || p.LastOffset < p.FirstOffset {
			return 0, 0, kgo.LeaderNotAvailable
		}
		return p.FirstOffset, p.LastOffset, nil
	}
	return 0, 0, kgo.UnknownTopicOrPartition
}

// ReadAll calls fn with every record from offset from up to the end of the
// partition as it stood at the call, and returns the offset after that. Like
// Tail it MUST NOT pass over a record in silence: ErrGap, ErrRewound. Only a
// compacted topic may lack records. An error of fn ends it and is returned.
func (c *Client) ReadAll(ctx context.Context, topic string, partition int, from int64, fn func(Record) error) (next int64, err error) {
	first, end, err := c.Offsets(ctx, topic, partition)
	if err != nil {
		return from, err
	}
	t := c.tail(topic, partition, from)
	if err := t.check(ctx, first, end); err != nil {
		return from, err
	}
	for t.offset < end {
		before := t.offset
		records, err := t.run(ctx, false)
		if err != nil {
			return before, err
		}
		for _, r := range records {
			if r.Offset >= end {
				break
			}
			if err := fn(r); err != nil {
				return r.Offset, err
			}
		}
		if t.offset == before && t.atCompactedEnd(ctx) {
			break
		}
	}
	return end, nil
}

// atCompactedEnd tells, after a fetch that brought nothing, that the rest of
// a compacted log holds nothing any more.
func (t *Tail) atCompactedEnd(ctx context.Context) bool {
	compacted, err := t.c.compacted(ctx, t.lane.topic)
	return err == nil && compacted
}

// compacted tells whether a topic may lack records that were superseded.
func (c *Client) compacted(ctx context.Context, name string) (bool, error) {
	res, err := c.kafka.DescribeConfigs(ctx, &kgo.DescribeConfigsRequest{Resources: []kgo.DescribeConfigRequestResource{{
		ResourceType: kgo.ResourceTypeTopic, ResourceName: name, ConfigNames: []string{cleanupPolicy},
	}}})
	if err != nil {
		return false, fmt.Errorf("asking how %s is cleaned: %w", c.short(name), err)
	}
	for _, r := range res.Resources {
		if r.Error != nil {
			return false, fmt.Errorf("asking how %s is cleaned: %w", c.short(name), r.Error)
		}
		for _, e := range r.ConfigEntries {
			if e.ConfigName == cleanupPolicy {
				return e.ConfigValue == policyCompact, nil
			}
		}
	}
	return false, errors.New("asking how " + c.short(name) + " is cleaned: no answer")
}
