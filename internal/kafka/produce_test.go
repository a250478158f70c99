package kafka_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"brume/internal/kafka"
	"brume/internal/testenv"
)

func TestManyCallersOrderAndCompleteness(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		const callers, each, partitions = 64, 160, 3
		c := clientWith(t, cfg, kafka.Topic{Name: "many", Partitions: partitions})
		ctx := within(t, time.Minute)
		var wg sync.WaitGroup
		for caller := range callers {
			wg.Go(func() {
				for i := range each {
					if err := c.Produce(ctx, "many", caller%partitions, number(caller*each+i)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		var all []int
		for p := range partitions {
			last := map[int]int{}
			for _, n := range numbers(t, c, "many", p) {
				if caller := n / each; caller%partitions != p || n < last[caller] {
					t.Fatalf("record %d of caller %d in partition %d after %d", n, caller, p, last[caller])
				}
				last[n/each] = n
				all = append(all, n)
			}
		}
		slices.Sort(all)
		if len(all) != callers*each || all[0] != 0 || all[len(all)-1] != callers*each-1 || len(slices.Compact(all)) != callers*each {
			t.Errorf("%d records, want each of %d once", len(all), callers*each)
		}
	})
}

func TestOneCallOfManyBatches(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c := clientWith(t, cfg, kafka.Topic{Name: "long", Partitions: 1})
		produce(t, c, "long", 0, 0, 5000)
		got := numbers(t, c, "long", 0)
		if len(got) != 5000 || !slices.IsSorted(got) {
			t.Errorf("%d records, sorted: %v", len(got), slices.IsSorted(got))
		}
		big := bytes.Repeat([]byte("x"), 512<<10)
		if err := c.Produce(within(t, 30*time.Second), "long", 0, big, big, big); err != nil {
			t.Error(err)
		}
	})
}

func TestTooLarge(t *testing.T) {
	c := client(t, testenv.Kafka(t))
	err := c.Produce(within(t, time.Second), "any", 0, make([]byte, 1<<20))
	if !errors.Is(err, kafka.ErrTooLarge) {
		t.Errorf("%v; want ErrTooLarge", err)
	}
}

func TestBusyWhenTooMuchWaits(t *testing.T) {
	cfg := testenv.Kafka(t)
	cfg.MaxInFlightBytes = 10_000
	c := client(t, cfg) // the topic does not exist: whatever is accepted waits
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error, 20)
	for range 20 {
		go func() { results <- c.Produce(ctx, "nowhere", 0, make([]byte, 1000)) }()
	}
	for range 12 { // 8 of 1,128 bytes fit into 10,000
		if err := <-results; !errors.Is(err, kafka.ErrBusy) {
			t.Fatalf("%v; want ErrBusy", err)
		}
	}
	cancel()
	for range 8 {
		if err := <-results; !errors.Is(err, kafka.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("%v; want ErrUnavailable, cancelled", err)
		}
	}
	deadline := time.Now().Add(5 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		err := c.Produce(ctx, "nowhere", 0, []byte("x"))
		cancel()
		if !errors.Is(err, kafka.ErrBusy) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("what was given up still counts as waiting")
		}
	}
}

func TestBrokerAway(t *testing.T) {
	b := testenv.Broker(t)
	cfg := kafka.DefaultConfig()
	cfg.Brokers = []string{b.Addr()}
	c := clientWith(t, cfg, kafka.Topic{Name: "away", Partitions: 1})
	produce(t, c, "away", 0, 0, 1)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(context.Context) error{
		"produce": func(ctx context.Context) error { return c.Produce(ctx, "away", 0, []byte("x")) },
		"offsets": func(ctx context.Context) error { _, _, err := c.Offsets(ctx, "away", 0); return err },
		"read": func(ctx context.Context) error {
			_, err := c.ReadAll(ctx, "away", 0, 0, func(kafka.Record) error { return nil })
			return err
		},
		"ensure": func(ctx context.Context) error {
			return c.EnsureTopics(ctx, []kafka.Topic{{Name: "new", Partitions: 1}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			err := call(within(t, time.Second))
			if !errors.Is(err, kafka.ErrUnavailable) {
				t.Errorf("%v; want ErrUnavailable", err)
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("took %v, a second was given", took)
			}
		})
	}
}

func TestClosedClient(t *testing.T) {
	c := client(t, testenv.Kafka(t))
	waiting := make(chan error)
	go func() { waiting <- c.Produce(t.Context(), "nowhere", 0, []byte("x")) }()
	time.Sleep(50 * time.Millisecond)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; !errors.Is(err, kafka.ErrUnavailable) {
		t.Errorf("the waiting call: %v; want ErrUnavailable", err)
	}
	if err := c.Produce(t.Context(), "nowhere", 0, []byte("x")); !errors.Is(err, kafka.ErrUnavailable) {
		t.Errorf("a later call: %v; want ErrUnavailable", err)
	}
}
