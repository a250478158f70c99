package operate_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"brume/anonymize/keys"
	"brume/cmd/internal/operate"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/control"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

const partitions = 5

func TestMain(m *testing.M) { testenv.Main(m) }

func newOperator(t *testing.T, cfg kafka.Config) (operate.Operator, *control.Verifier, *kafka.Client) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := keys.Init(dir, nil, time.Now()); err != nil {
		t.Fatal(err)
	}
	store, err := keys.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	signer, err1 := store.ControlSigner()
	verifier, err2 := store.ControlVerifier()
	client := kafka.New(cfg, testenv.Log(t))
	t.Cleanup(func() { _ = client.Close() })
	err3 := client.EnsureTopics(t.Context(), []kafka.Topic{{Name: topics.Statements, Partitions: partitions}})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return operate.Operator{Producer: client, Signer: signer, Partitions: partitions, Now: time.Now}, verifier, client
}

// kinds lists what kinds of records a partition holds, each of them signed for
// this partition.
func kinds(t *testing.T, c *kafka.Client, v *control.Verifier, partition int) (got []control.Kind) {
	t.Helper()
	_, err := c.ReadAll(t.Context(), topics.Statements, partition, 0, func(r kafka.Record) error {
		record, err := v.Open(r.Value, partition)
		got = append(got, record.Kind)
		if _, elsewhere := v.Open(r.Value, partition+1); elsewhere == nil {
			t.Errorf("the record of partition %d is good in another", partition)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// ★ Everything that changes folding stands in every partition.
func TestControlRecordsAreInEveryPartition(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		o, v, c := newOperator(t, cfg)
		p, err := policy.Default("2026-2027")
		if err != nil {
			t.Fatal(err)
		}
		plan, err := p.Plan()
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(o.Heartbeat(t.Context()), o.Configure(t.Context(), plan, registry.Demonstration(1)),
			o.Close(t.Context(), plan.Policy.Windows(policy.Weekly)[0]),
			o.Write(t.Context(), control.Record{Kind: control.Object, Year: "2026-2027", Token: [16]byte{1}}),
			o.Write(t.Context(), control.Record{Kind: control.Erase, Year: "2026-2027", Token: [16]byte{1}}))
		if err != nil {
			t.Fatal(err)
		}
		want := []control.Kind{control.Heartbeat, control.Config, control.Close, control.Object, control.Erase}
		for partition := range partitions {
			got := kinds(t, c, v, partition)
			if len(got) != len(want) {
				t.Fatalf("partition %d: %v, want %v", partition, got, want)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("partition %d, record %d: %v, want %v", partition, i, got[i], want[i])
				}
			}
		}
	})
}

// failing refuses one partition, once.
type failing struct {
	operate.Producer
	mu     sync.Mutex
	failed bool
}

var errAway = errors.New("away")

func (f *failing) Produce(ctx context.Context, topic string, partition int, values ...[]byte) error {
	f.mu.Lock()
	first := partition == 3 && !f.failed
	f.failed = f.failed || first
	f.mu.Unlock()
	if first {
		return errAway
	}
	return f.Producer.Produce(ctx, topic, partition, values...)
}

// A record that did not reach a partition is an error, and saying it again
// completes it.
func TestAnIncompleteControlRecordIsAnError(t *testing.T) {
	o, v, c := newOperator(t, testenv.Kafka(t))
	o.Producer = &failing{Producer: o.Producer}
	if err := o.Heartbeat(t.Context()); !errors.Is(err, errAway) {
		t.Fatalf("got %v, want what refused partition 3", err)
	}
	if err := o.Heartbeat(t.Context()); err != nil {
		t.Fatal(err)
	}
	for partition := range partitions {
		if got := kinds(t, c, v, partition); len(got) == 0 {
			t.Errorf("partition %d has no record", partition)
		}
	}
}
