package kafka_test

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"brume/internal/embedded"
	"brume/internal/kafka"
	"brume/internal/testenv"
)

func broker(t *testing.T) (*embedded.Broker, kafka.Config) {
	t.Helper()
	b := testenv.Broker(t)
	cfg := kafka.DefaultConfig()
	cfg.Brokers = []string{b.Addr()}
	return b, cfg
}

func distinct(numbers []int) []int {
	sorted := slices.Clone(numbers)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// An acknowledgement that is lost after the write makes duplicates, never a
// loss and never an acknowledgement of nothing.
func TestAmbiguousAcknowledgements(t *testing.T) {
	for name, err := range map[string]*kerr.Error{
		"timed out":    kerr.RequestTimedOut,
		"after append": kerr.NotEnoughReplicasAfterAppend,
	} {
		t.Run(name, func(t *testing.T) {
			b, cfg := broker(t)
			c := clientWith(t, cfg, kafka.Topic{Name: "ambiguous", Partitions: 1})
			faults := b.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: err, Count: 5})
			for n := range 100 {
				produce(t, c, "ambiguous", 0, n, n+1)
			}
			if hits := faults.Hits(); hits != 5 {
				t.Fatalf("%d faults hit; want 5", hits)
			}
			got := numbers(t, c, "ambiguous", 0)
			if len(got) != 105 || len(distinct(got)) != 100 || !slices.IsSorted(got) {
				t.Errorf("%d records, %d distinct, sorted %v; want 105, 100, true", len(got), len(distinct(got)), slices.IsSorted(got))
			}
		})
	}
}

func TestRefusalsBeforeTheWriteAreRetried(t *testing.T) {
	for _, err := range []*kerr.Error{kerr.NotLeaderForPartition, kerr.NotEnoughReplicas, kerr.KafkaStorageError, kerr.UnknownServerError} {
		t.Run(err.Message, func(t *testing.T) {
			b, cfg := broker(t)
			c := clientWith(t, cfg, kafka.Topic{Name: "refused", Partitions: 1})
			b.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: err, Count: 3})
			produce(t, c, "refused", 0, 0, 10)
			if got := numbers(t, c, "refused", 0); len(got) != 10 {
				t.Errorf("%d records; want 10", len(got))
			}
		})
	}
}

func TestPermanentRefusalsAreNot(t *testing.T) {
	b, cfg := broker(t)
	c := clientWith(t, cfg, kafka.Topic{Name: "refused", Partitions: 1})
	faults := b.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.TopicAuthorizationFailed, Count: -1})
	if err := c.Produce(within(t, 10*time.Second), "refused", 0, []byte("x")); err == nil {
		t.Error("no error")
	}
	if hits := faults.Hits(); hits != 1 {
		t.Errorf("%d requests; want 1", hits)
	}
}

// The broker is closed and opened again on its directory and address while
// callers produce and a reader reads.
func TestBrokerRestart(t *testing.T) {
	dir := t.TempDir()
	cfg := embedded.DefaultBrokerConfig(dir)
	b, err := embedded.StartBroker(cfg, testenv.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	kcfg := kafka.DefaultConfig()
	kcfg.Brokers = []string{b.Addr()}
	c := clientWith(t, kcfg, kafka.Topic{Name: "restart", Partitions: 1})

	ctx := within(t, time.Minute)
	var producers, reader sync.WaitGroup
	const callers, each = 8, 200
	for caller := range callers {
		producers.Go(func() {
			for i := range each {
				if err := c.Produce(ctx, "restart", 0, number(caller*each+i)); err != nil {
					t.Error(err)
					return
				}
				time.Sleep(2 * time.Millisecond)
			}
		})
	}
	seen := map[int]bool{}
	reader.Go(func() {
		tail, err := c.Tail(ctx, "restart", 0, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer tail.Close()
		for len(seen) < callers*each {
			records, err := tail.Next(ctx)
			if err != nil {
				t.Error(err)
				return
			}
			for _, r := range records {
				seen[int(binary.BigEndian.Uint64(r.Value))] = true
			}
		}
	})
	cfg.Addr = b.Addr()
	for range 3 {
		time.Sleep(100 * time.Millisecond)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		if b, err = embedded.StartBroker(cfg, testenv.Log(t)); err != nil {
			t.Fatal(err)
		}
	}
	producers.Wait()
	reader.Wait()
	defer b.Close()
	if got := distinct(numbers(t, c, "restart", 0)); len(got) != callers*each {
		t.Errorf("%d distinct records; want %d", len(got), callers*each)
	}
}

// A leader that does not answer at all must not hold a caller longer than
// its context.
func TestSilentBroker(t *testing.T) {
	b, cfg := broker(t)
	c := clientWith(t, cfg, kafka.Topic{Name: "silent", Partitions: 1})
	b.Cluster().ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		b.Cluster().KeepControl()
		return nil, nil, true
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	began := time.Now()
	if err := c.Produce(ctx, "silent", 0, []byte("x")); err == nil {
		t.Error("acknowledged by nobody")
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}
