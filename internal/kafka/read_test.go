package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"brume/internal/embedded"
	"brume/internal/kafka"
	"brume/internal/testenv"
)

func TestReadAllEndsWhereTheLogEnded(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c := clientWith(t, cfg, kafka.Topic{Name: "all", Partitions: 1})
		ctx := within(t, 30*time.Second)
		next, err := c.ReadAll(ctx, "all", 0, 0, func(kafka.Record) error { return errors.New("an empty log has no records") })
		if next != 0 || err != nil {
			t.Fatalf("an empty log: %d, %v", next, err)
		}
		produce(t, c, "all", 0, 0, 10)
		var got []int64
		next, err = c.ReadAll(ctx, "all", 0, 3, func(r kafka.Record) error {
			got = append(got, r.Offset)
			if r.Offset == 5 {
				produce(t, c, "all", 0, 10, 12)
			}
			return nil
		})
		if want := []int64{3, 4, 5, 6, 7, 8, 9}; next != 10 || err != nil || !slices.Equal(got, want) {
			t.Errorf("%v, next %d, %v; want %v, 10", got, next, err, want)
		}
		stop := errors.New("enough")
		next, err = c.ReadAll(ctx, "all", 0, 0, func(r kafka.Record) error {
			if r.Offset == 4 {
				return stop
			}
			return nil
		})
		if next != 4 || err != stop {
			t.Errorf("next %d, %v; want 4, the function's own error", next, err)
		}
		if first, next, err := c.Offsets(ctx, "all", 0); first != 0 || next != 12 || err != nil {
			t.Errorf("offsets %d, %d, %v; want 0, 12", first, next, err)
		}
	})
}

func TestTailWaitsAndFollows(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c := clientWith(t, cfg, kafka.Topic{Name: "tail", Partitions: 1})
		produce(t, c, "tail", 0, 0, 5)
		ctx := within(t, 30*time.Second)
		tail, err := c.Tail(ctx, "tail", 0, 5)
		if err != nil {
			t.Fatal(err)
		}
		defer tail.Close()
		short, cancel := context.WithTimeout(ctx, 700*time.Millisecond)
		defer cancel()
		if records, err := tail.Next(short); err == nil {
			t.Fatalf("%d records where there are none", len(records))
		}
		stopped, stop := context.WithCancel(ctx)
		stop()
		if _, err := tail.Next(stopped); !errors.Is(err, context.Canceled) || errors.Is(err, kafka.ErrUnavailable) {
			t.Errorf("%v; want just cancelled", err)
		}
		before := time.Now().Add(-time.Second)
		var producer sync.WaitGroup
		defer producer.Wait()
		producer.Go(func() {
			if err := c.Produce(ctx, "tail", 0, number(5), number(6), number(7)); err != nil {
				t.Error(err)
			}
		})
		records, err := tail.Next(ctx)
		if err != nil || len(records) != 3 || records[0].Offset != 5 || tail.Offset() != 8 {
			t.Fatalf("%v, %v, next %d", records, err, tail.Offset())
		}
		if when := records[0].Time; when.Before(before) || when.After(time.Now().Add(time.Second)) {
			t.Errorf("appended at %v", when)
		}
	})
}

func TestMissingRecordsAreAGap(t *testing.T) {
	b, cfg := broker(t)
	c := clientWith(t, cfg, kafka.Topic{Name: "gap", Partitions: 1})
	for n := range 20 {
		produce(t, c, "gap", 0, n, n+1)
	}
	ctx := within(t, 30*time.Second)
	tail, err := c.Tail(ctx, "gap", 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Cluster().DeleteRecords("gap", 0, 15); err != nil {
		t.Fatal(err)
	}
	for range 2 { // and again when asked again
		_, err := tail.Next(ctx)
		if !errors.Is(err, kafka.ErrGap) || !strings.Contains(err.Error(), "gap/0: wanted offset 1, got 15") {
			t.Errorf("%v; want ErrGap with partition, wanted and got", err)
		}
	}
	if _, err := c.Tail(ctx, "gap", 0, 1); !errors.Is(err, kafka.ErrGap) {
		t.Errorf("a new tail: %v; want ErrGap", err)
	}
	if _, err := c.ReadAll(ctx, "gap", 0, 0, func(kafka.Record) error { return nil }); !errors.Is(err, kafka.ErrGap) {
		t.Errorf("read all: %v; want ErrGap", err)
	}
	if _, err := c.Tail(ctx, "gap", 0, 15); err != nil {
		t.Errorf("from the log's start: %v", err)
	}
}

func TestAShorterLogIsNoticed(t *testing.T) {
	b, cfg := broker(t)
	topic := kafka.Topic{Name: "shorter", Partitions: 1}
	c := clientWith(t, cfg, topic)
	produce(t, c, "shorter", 0, 0, 10)
	ctx := within(t, 30*time.Second)
	tail, err := c.Tail(ctx, "shorter", 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Cluster().DeleteTopic("shorter"); err != nil {
		t.Fatal(err)
	}
	if err := clientWith(t, cfg, topic).EnsureTopics(ctx, []kafka.Topic{topic}); err != nil {
		t.Fatal(err)
	}
	produce(t, c, "shorter", 0, 0, 3)
	if _, err := tail.Next(ctx); !errors.Is(err, kafka.ErrRewound) {
		t.Errorf("%v; want ErrRewound", err)
	}
	if _, err := c.Tail(ctx, "shorter", 0, 10); !errors.Is(err, kafka.ErrRewound) {
		t.Errorf("a new tail: %v; want ErrRewound", err)
	}
}

// Only a compacted topic may lack records, and a reader of it gets the last
// value of each key.
func TestCompactedTopic(t *testing.T) {
	b, cfg := broker(t)
	c := clientWith(t, cfg, kafka.Topic{Name: "compact", Partitions: 1, Compact: true})
	ctx := within(t, 30*time.Second)
	for n := range 30 {
		key := fmt.Appendf(nil, "k%d", n%3)
		if err := c.ProduceKeyed(ctx, "compact", 0, key, number(n)); err != nil {
			t.Fatal(err)
		}
	}
	b.Cluster().Compact()
	state, records := map[string]int{}, 0
	next, err := c.ReadAll(ctx, "compact", 0, 0, func(r kafka.Record) error {
		records++
		state[string(r.Key)] = int(r.Value[7])
		return nil
	})
	if err != nil || next != 30 {
		t.Fatalf("next %d, %v; want 30", next, err)
	}
	if records >= 30 || state["k0"] != 27 || state["k1"] != 28 || state["k2"] != 29 {
		t.Errorf("%d records, %v", records, state)
	}
	tail, err := c.Tail(ctx, "compact", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for seen := 0; seen < records; {
		run, err := tail.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		seen += len(run)
	}
}

// Topics are for ever unless said otherwise, whatever the broker's defaults.
func TestRetentionIsExplicit(t *testing.T) {
	b, cfg := broker(t)
	c := clientWith(t, cfg,
		kafka.Topic{Name: "for-ever", Partitions: 1},
		kafka.Topic{Name: "three-days", Partitions: 1, Retention: 72 * time.Hour},
		kafka.Topic{Name: "an-instant", Partitions: 1, Retention: time.Millisecond},
	)
	for _, topic := range []string{"for-ever", "three-days", "an-instant"} {
		produce(t, c, topic, 0, 0, 3)
	}
	time.Sleep(10 * time.Millisecond)
	b.Cluster().ApplyRetention()
	for topic, want := range map[string]int64{"for-ever": 0, "three-days": 0, "an-instant": 3} {
		if first, _, err := c.Offsets(within(t, 5*time.Second), topic, 0); first != want || err != nil {
			t.Errorf("%s begins at %d, %v; want %d", topic, first, err, want)
		}
	}
}

func TestEnsureTopics(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		topics := []kafka.Topic{{Name: "one", Partitions: 4}, {Name: "two", Partitions: 1, Compact: true}}
		c := clientWith(t, cfg, topics...)
		ctx := within(t, 30*time.Second)
		if err := c.EnsureTopics(ctx, topics); err != nil {
			t.Errorf("a second time: %v", err)
		}
		for p := range 4 {
			produce(t, c, "one", p, 0, 1)
		}
		err := client(t, cfg).EnsureTopics(ctx, []kafka.Topic{{Name: "one", Partitions: 8}, {Name: "three", Partitions: 1}})
		if !errors.Is(err, kafka.ErrTopic) || !strings.Contains(err.Error(), "topic one has 4 partitions; want 8") {
			t.Errorf("%v; want ErrTopic with the topic and both numbers", err)
		}
	})
}

func TestLogSurvivesTheBroker(t *testing.T) {
	cfg := embedded.DefaultBrokerConfig(t.TempDir())
	for round := range 3 {
		b, err := embedded.StartBroker(cfg, testenv.Log(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := embedded.StartBroker(cfg, testenv.Log(t)); err == nil {
			t.Error("two brokers in one directory")
		}
		kcfg := kafka.DefaultConfig()
		kcfg.Brokers = []string{b.Addr()}
		c := clientWith(t, kcfg, kafka.Topic{Name: "kept", Partitions: 1})
		produce(t, c, "kept", 0, round*10, round*10+10)
		if got := numbers(t, c, "kept", 0); len(got) != 10*round+10 || !slices.IsSorted(got) {
			t.Errorf("round %d: %v", round, got)
		}
		c.Close()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
