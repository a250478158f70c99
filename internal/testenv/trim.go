package testenv

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"brume/internal/kafka"
)

// Trim deletes the records of a partition before an offset, as retention
// does. Brume itself never deletes records: its client cannot.
func Trim(t testing.TB, cfg kafka.Config, topic string, partition int, before int64) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(cfg.Brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.TimeoutMillis = 10_000
	one := kmsg.NewDeleteRecordsRequestTopic()
	one.Topic = cfg.Prefix + topic
	p := kmsg.NewDeleteRecordsRequestTopicPartition()
	p.Partition, p.Offset = int32(partition), before
	one.Partitions = append(one.Partitions, p)
	req.Topics = append(req.Topics, one)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	res, err := req.RequestWith(ctx, client)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range res.Topics {
		for _, p := range topic.Partitions {
			if p.ErrorCode != 0 {
				t.Fatalf("deleting records before %d: Kafka error %d", before, p.ErrorCode)
			}
		}
	}
}
