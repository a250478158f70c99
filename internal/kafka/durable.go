package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	kgo "github.com/segmentio/kafka-go"
)

// What a topic of a production installation must have, so that one lost broker
// loses nothing that was acknowledged.
const (
	safeReplicas = 3
	safeInSync   = 2

	inSyncReplicas  = "min.insync.replicas"
	uncleanElection = "unclean.leader.election.enable"
)

// CheckTopics refuses topics that could lose what they acknowledged: with less
// than three replicas, less than two in-sync ones required, or a leader that
// may be elected among those who lag. It names every topic and fault at once
// (ErrTopic). An installation configured with less than three replicas is not
// for production: this is logged once, and nothing is checked.
func (c *Client) CheckTopics(ctx context.Context, names ...string) error {
	if c.cfg.Replication < safeReplicas {
		c.warned.Do(func() {
			if c.cfg.Embedded {
				return
			}
			c.log.Warn("kafka: not a production installation, a lost broker loses acknowledged records: kafka.replication is less than 3",
				"got", c.cfg.Replication, "want", safeReplicas)
		})
		return nil
	}
	err := c.attempt(ctx, false, "checking the topics", func(ctx context.Context) error {
		faults := map[string][]string{}
		err := errors.Join(c.fewReplicas(ctx, names, faults), c.looseSettings(ctx, names, faults))
		if err != nil {
			return err
		}
		var wrong []error
		for _, name := range names {
			for _, fault := range faults[name] {
				wrong = append(wrong, fmt.Errorf("%w: topic %s: %s", ErrTopic, name, fault))
			}
		}
		return errors.Join(wrong...)
	})
	if err != nil {
		return fmt.Errorf("checking that the topics lose nothing: %w", err)
	}
	return nil
}

func (c *Client) fewReplicas(ctx context.Context, names []string, faults map[string][]string) error {
	res, err := c.kafka.Metadata(ctx, &kgo.MetadataRequest{Topics: c.names(names)})
	if err != nil {
		return err
	}
	for _, t := range res.Topics {
		if t.Error != nil {
			return t.Error
		}
		fewest, partitions := safeReplicas, 0
		for _, p := range t.Partitions {
			if len(p.Replicas) < safeReplicas {
				partitions++
				fewest = min(fewest, len(p.Replicas))
			}
		}
		if partitions > 0 {
			name := c.short(t.Name)
			faults[name] = append(faults[name], fmt.Sprintf("%d of %d partitions have less than %d replicas, one %d",
				partitions, len(t.Partitions), safeReplicas, fewest))
		}
	}
	return nil
}

func (c *Client) looseSettings(ctx context.Context, names []string, faults map[string][]string) error {
	req := &kgo.DescribeConfigsRequest{}
	for _, name := range c.names(names) {
		req.Resources = append(req.Resources, kgo.DescribeConfigRequestResource{
			ResourceType: kgo.ResourceTypeTopic, ResourceName: name, ConfigNames: []string{inSyncReplicas, uncleanElection},
		})
	}
	res, err := c.kafka.DescribeConfigs(ctx, req)
	if err != nil {
		return err
	}
	for _, r := range res.Resources {
		if r.Error != nil {
			return fmt.Errorf("asking for the settings of %s: %w", c.short(r.ResourceName), r.Error)
		}
		settings := map[string]string{}
		for _, e := range r.ConfigEntries {
			settings[e.ConfigName] = e.ConfigValue
		}
		name := c.short(r.ResourceName)
		if n, err := strconv.Atoi(settings[inSyncReplicas]); err != nil || n < safeInSync {
			faults[name] = append(faults[name], fmt.Sprintf("%s is %q; want %d or more", inSyncReplicas, settings[inSyncReplicas], safeInSync))
		}
		if settings[uncleanElection] != "false" {
			faults[name] = append(faults[name], fmt.Sprintf("%s is %q; want false", uncleanElection, settings[uncleanElection]))
		}
	}
	return nil
}

// names are the topics' names on the brokers.
func (c *Client) names(short []string) []string {
	out := make([]string, len(short))
	for i, s := range short {
		out[i] = c.name(s)
	}
	return out
}
