package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	kgo "github.com/segmentio/kafka-go"
)

const (
	cleanupPolicy = "cleanup.policy"
	policyCompact = "compact"
	policyDelete  = "delete"

	defaultMessageBytes = 1 << 20
	segmentAge          = time.Hour // a log is cleaned in whole segments
)

// Topic is what Brume relies on about a topic.
type Topic struct {
	Name            string
	Partitions      int
	Compact         bool          // keep the last value of each key, for ever
	Retention       time.Duration // 0: for ever
	MaxMessageBytes int           // of a batch; 0: 1 MiB
}

// EnsureTopics creates the topics that are missing, with the configured
// replication, and checks the partition counts of those that exist and that
// they lose nothing; see CheckTopics. When it returns nil, all of them can be
// produced to.
func (c *Client) EnsureTopics(ctx context.Context, topics []Topic) error {
	err := c.attempt(ctx, false, "ensuring the topics", func(ctx context.Context) error {
		missing, err := c.missing(ctx, topics)
		if err != nil || len(missing) == 0 {
			return err
		}
		if err := c.create(ctx, missing); err != nil {
			return err
		}
		return kgo.UnknownTopicOrPartition // look again: creation takes a while to be known
	})
	if err != nil {
		return fmt.Errorf("ensuring the topics: %w", err)
	}
	names := make([]string, len(topics))
	for i, t := range topics {
		names[i] = t.Name
	}
	return c.CheckTopics(ctx, names...)
}

// missing returns the topics that do not exist, and an error while one has no
// leader or when one has another number of partitions.
func (c *Client) missing(ctx context.Context, topics []Topic) ([]Topic, error) {
	names := make([]string, len(topics))
	for i, t := range topics {
		names[i] = c.name(t.Name)
	}
	res, err := c.kafka.Metadata(ctx, &kgo.MetadataRequest{Topics: names})
	if err != nil {
		return nil, err
	}
	have := map[string]kgo.Topic{}
	for _, t := range res.Topics {
		have[t.Name] = t
	}
	var missing []Topic
	var wrong []error
	for _, want := range topics {
		got := have[c.name(want.Name)]
		switch {
		case errors.Is(got.Error, kgo.UnknownTopicOrPartition) || got.Name == "":
			missing = append(missing, want)
		case got.Error != nil:
			return nil, got.Error
		case len(got.Partitions) != want.Partitions:
			wrong = append(wrong, fmt.Errorf("%w: topic %s has %d partitions; want %d",
				ErrTopic, want.Name, len(got.Partitions), want.Partitions))
		}
		for _, p := range got.Partitions {
			if p.Error != nil {
				return nil, p.Error
			}
		}
	}
	return missing, errors.Join(wrong...)
}

func (c *Client) create(ctx context.Context, topics []Topic) error {
	configs := make([]kgo.TopicConfig, len(topics))
	for i, t := range topics {
		configs[i] = kgo.TopicConfig{
			Topic:             c.name(t.Name),
			NumPartitions:     t.Partitions,
			ReplicationFactor: c.cfg.Replication,
			ConfigEntries:     t.entries(c.cfg.Replication),
		}
	}
	res, err := c.kafka.CreateTopics(ctx, &kgo.CreateTopicsRequest{Topics: configs})
	if err != nil {
		return err
	}
	var errs []error
	for name, err := range res.Errors {
		if err != nil && !errors.Is(err, kgo.TopicAlreadyExists) {
			errs = append(errs, fmt.Errorf("creating topic %s: %w", c.short(name), err))
		}
	}
	return errors.Join(errs...)
}

// entries are the settings that Brume's promises rest on; none is left to a
// broker's defaults.
func (t Topic) entries(replication int) []kgo.ConfigEntry {
	policy, retention, segment := policyDelete, int64(-1), segmentAge
	if t.Compact {
		policy = policyCompact
	}
	if t.Retention > 0 {
		retention = t.Retention.Milliseconds()
		segment = max(min(segmentAge, t.Retention/24), time.Minute)
	}
	size := t.MaxMessageBytes
	if size == 0 {
		size = defaultMessageBytes
	}
	inSync := max(1, min(safeInSync, replication-1))
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	entries := []kgo.ConfigEntry{
		{ConfigName: cleanupPolicy, ConfigValue: policy},
		{ConfigName: "retention.ms", ConfigValue: number(retention)},
		{ConfigName: "retention.bytes", ConfigValue: "-1"},
		{ConfigName: "segment.ms", ConfigValue: number(segment.Milliseconds())},
		{ConfigName: "message.timestamp.type", ConfigValue: "LogAppendTime"},
		{ConfigName: "max.message.bytes", ConfigValue: number(int64(size))},
		{ConfigName: inSyncReplicas, ConfigValue: strconv.Itoa(inSync)},
		{ConfigName: "compression.type", ConfigValue: "producer"},
	}
	if replication >= safeReplicas {
		entries = append(entries, kgo.ConfigEntry{ConfigName: uncleanElection, ConfigValue: "false"})
	}
	return entries
}
