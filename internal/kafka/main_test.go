package kafka_test

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"brume/internal/kafka"
	"brume/internal/testenv"
)

func TestMain(m *testing.M) {
	maybeRunBroker()
	testenv.Main(m)
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func client(t *testing.T, cfg kafka.Config) *kafka.Client {
	t.Helper()
	c := kafka.New(cfg, testenv.Log(t))
	t.Cleanup(func() { c.Close() })
	return c
}

// clientWith is a client of a cluster that has the topics.
func clientWith(t *testing.T, cfg kafka.Config, topics ...kafka.Topic) *kafka.Client {
	t.Helper()
	c := client(t, cfg)
	if err := c.EnsureTopics(within(t, 30*time.Second), topics); err != nil {
		t.Fatal(err)
	}
	return c
}

func number(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func produce(t *testing.T, c *kafka.Client, topic string, partition, from, to int) {
	t.Helper()
	values := make([][]byte, 0, to-from)
	for n := from; n < to; n++ {
		values = append(values, number(n))
	}
	if err := c.Produce(within(t, 30*time.Second), topic, partition, values...); err != nil {
		t.Fatal(err)
	}
}

// numbers reads a partition from its beginning.
func numbers(t *testing.T, c *kafka.Client, topic string, partition int) []int {
	t.Helper()
	var got []int
	_, err := c.ReadAll(within(t, 30*time.Second), topic, partition, 0, func(r kafka.Record) error {
		got = append(got, int(binary.BigEndian.Uint64(r.Value)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}
