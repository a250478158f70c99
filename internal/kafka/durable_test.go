package kafka_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"brume/internal/kafka"
	"brume/internal/testenv"
)

// three is how to reach three brokers in this process. They answer questions
// about topics; they do not replicate.
func three(t *testing.T) kafka.Config {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	cfg := kafka.DefaultConfig()
	cfg.Brokers, cfg.Replication, cfg.Prefix = cluster.ListenAddrs(), 3, testenv.Prefix(t)
	return cfg
}

// eachCluster runs fn on three embedded brokers, and on a real cluster where
// BRUME_TEST_KAFKA names three of its brokers (make kafka-cluster). What one
// real broker can show, TestOneBrokerIsRefused shows.
func eachCluster(t *testing.T, fn func(t *testing.T, cfg kafka.Config)) {
	t.Run("embedded", func(t *testing.T) { fn(t, three(t)) })
	if strings.Count(os.Getenv("BRUME_TEST_KAFKA"), ",") >= 2 {
		t.Run("kafka", func(t *testing.T) { fn(t, testenv.RealKafka(t)) })
	}
}

// A topic with one copy is refused where three are asked for.
func TestOneBrokerIsRefused(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		create(t, cfg, "single", 1)
		cfg.Replication = 3
		c := kafka.New(cfg, testenv.Log(t))
		defer c.Close()
		err := c.CheckTopics(within(t, 30*time.Second), "single")
		if !errors.Is(err, kafka.ErrTopic) || !strings.Contains(err.Error(), "topic single: 2 of 2 partitions have less than 3 replicas") {
			t.Errorf("got %v, want ErrTopic that names the topic", err)
		}
	})
}

// create makes a topic as an operator might, not as Brume does.
func create(t *testing.T, cfg kafka.Config, name string, replicas int16, settings ...string) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(cfg.Brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	req := kmsg.NewPtrCreateTopicsRequest()
	req.TimeoutMillis = 10_000
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = cfg.Prefix+name, 2, replicas
	for i := 0; i < len(settings); i += 2 {
		c := kmsg.NewCreateTopicsRequestTopicConfig()
		c.Name, c.Value = settings[i], &settings[i+1]
		topic.Configs = append(topic.Configs, c)
	}
	req.Topics = append(req.Topics, topic)
	res, err := req.RequestWith(within(t, 20*time.Second), client)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range res.Topics {
		if topic.ErrorCode != 0 {
			t.Fatalf("creating %s: Kafka error %d", name, topic.ErrorCode)
		}
	}
}

// ★ Topics that Brume makes for production pass its own check; those of others
// are refused, with every topic and fault in one error.
func TestTopicsThatCouldLoseRecordsAreRefused(t *testing.T) {
	eachCluster(t, func(t *testing.T, cfg kafka.Config) {
		c := clientWith(t, cfg, kafka.Topic{Name: "ours", Partitions: 2}, kafka.Topic{Name: "compacted", Partitions: 1, Compact: true})
		const inSync, unclean = "min.insync.replicas", "unclean.leader.election.enable"
		create(t, cfg, "few", 1, inSync, "2", unclean, "false")
		create(t, cfg, "loose", 3, inSync, "1", unclean, "false")
		create(t, cfg, "unclean", 3, inSync, "2", unclean, "true")
		create(t, cfg, "all", 2, inSync, "1", unclean, "true")
		var topics []kafka.Topic
		for _, name := range []string{"ours", "few", "loose", "unclean", "all"} {
			topics = append(topics, kafka.Topic{Name: name, Partitions: 2})
		}
		err := c.EnsureTopics(within(t, 30*time.Second), topics)
		if !errors.Is(err, kafka.ErrTopic) {
			t.Fatalf("%v, want ErrTopic", err)
		}
		for _, want := range []string{
			"topic few: 2 of 2 partitions have less than 3 replicas, one 1",
			`topic loose: min.insync.replicas is "1"`,
			`topic unclean: unclean.leader.election.enable is "true"`,
			"topic all: 2 of 2 partitions have less than 3 replicas, one 2",
			`topic all: min.insync.replicas is "1"`,
			`topic all: unclean.leader.election.enable is "true"`,
		} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("does not say: %s", want)
			}
		}
		if n := strings.Count(err.Error(), ": topic "); n != 6 || strings.Contains(err.Error(), "topic ours") {
			t.Errorf("%d faults, want 6: %v", n, err)
		}
	})
}

// With less than three replicas configured one line says so, and only one.
func TestNotForProductionIsSaidOnce(t *testing.T) {
	var lines bytes.Buffer
	c := kafka.New(testenv.Kafka(t), slog.New(slog.NewTextHandler(&lines, nil)))
	defer c.Close()
	for range 2 {
		if err := c.EnsureTopics(context.Background(), []kafka.Topic{{Name: "small", Partitions: 1}}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(lines.String(), "not a production installation"); n != 1 {
		t.Errorf("said %d times:\n%s", n, lines.String())
	}
}
