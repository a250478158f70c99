package kafka_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"brume/internal/kafka"
	"brume/internal/testenv"
)

// during runs fn with the assignment of partition 0 of a group with one member.
func during(t *testing.T, c *kafka.Client, group, topic string, fn func(kafka.Assignment)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var once sync.Once
	ran := false
	err := c.RunGroup(ctx, group, topic, func(ctx context.Context, a kafka.Assignment) error {
		if a.Partition == 0 {
			once.Do(func() { fn(a); ran = true; cancel() })
		}
		<-ctx.Done()
		return ctx.Err()
	})
	if err != nil || !ran {
		t.Fatalf("ran: %v, %v", ran, err)
	}
}

func committed(t *testing.T, c *kafka.Client, group, topic string) map[int]int64 {
	t.Helper()
	got, err := c.Committed(within(t, 30*time.Second), group, topic)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// What a member commits everybody sees, also when it has left; what was never
// committed is not there; one topic's positions are not another's.
func TestCommittedPositions(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c := clientWith(t, cfg, kafka.Topic{Name: "log", Partitions: 2}, kafka.Topic{Name: "other", Partitions: 2})
		if got := committed(t, c, "group", "log"); len(got) != 0 {
			t.Errorf("before anything was committed: %v", got)
		}
		during(t, c, "group", "log", func(a kafka.Assignment) {
			for _, next := range []int64{3, 7, 5} { // a restored older snapshot goes back
				if err := a.Commit(within(t, 30*time.Second), next); err != nil {
					t.Error(err)
				}
			}
		})
		want := map[int]int64{0: 5}
		if got := committed(t, client(t, cfg), "group", "log"); !maps.Equal(got, want) {
			t.Errorf("committed: %v, want %v", got, want)
		}
		for _, other := range [][2]string{{"group", "other"}, {"else", "log"}} {
			if got := committed(t, c, other[0], other[1]); len(got) != 0 {
				t.Errorf("%v: %v, want nothing", other, got)
			}
		}
	})
}

// ★ A zombie's commit is refused: its successor's position stays.
func TestCommitOfAPassedGeneration(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c := clientWith(t, cfg, kafka.Topic{Name: "log", Partitions: 1})
		var zombie kafka.Assignment
		during(t, c, "group", "log", func(a kafka.Assignment) { zombie = a })
		during(t, c, "group", "log", func(a kafka.Assignment) {
			if err := a.Commit(within(t, 30*time.Second), 9); err != nil {
				t.Error(err)
			}
			if err := zombie.Commit(within(t, 30*time.Second), 2); !errors.Is(err, kafka.ErrStale) {
				t.Errorf("the zombie's commit: %v, want ErrStale", err)
			}
		})
		if err := zombie.Commit(within(t, 30*time.Second), 2); !errors.Is(err, kafka.ErrStale) {
			t.Errorf("the zombie's commit to an empty group: %v, want ErrStale", err)
		}
		if got := committed(t, c, "group", "log"); got[0] != 9 {
			t.Errorf("committed: %v, want the successor's 9", got)
		}
	})
}

func TestCommitWithoutAGroup(t *testing.T) {
	if err := (kafka.Assignment{Generation: 1}).Commit(t.Context(), 1); err == nil {
		t.Error("an assignment of no group commits")
	}
}

// The time of a record is that at which it was appended; the end of the log
// has none.
func TestTimeAt(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c := clientWith(t, cfg, kafka.Topic{Name: "log", Partitions: 1})
		ctx := within(t, 30*time.Second)
		if _, ok, err := c.TimeAt(ctx, "log", 0, 0); ok || err != nil {
			t.Errorf("an empty log: %v, %v", ok, err)
		}
		for n := range 3 { // batches of several records
			produce(t, c, "log", 0, 10*n, 10*(n+1))
		}
		var times []time.Time
		_, err := c.ReadAll(ctx, "log", 0, 0, func(r kafka.Record) error { times = append(times, r.Time); return nil })
		if err != nil {
			t.Fatal(err)
		}
		for offset, want := range times {
			at, ok, err := c.TimeAt(ctx, "log", 0, int64(offset))
			if !ok || err != nil || !at.Equal(want) {
				t.Errorf("offset %d: %v, %v, %v; want %v", offset, at, ok, err, want)
			}
		}
		if at, ok, err := c.TimeAt(ctx, "log", 0, 30); ok || err != nil || !at.IsZero() {
			t.Errorf("the end: %v, %v, %v", at, ok, err)
		}
		if _, _, err := c.TimeAt(ctx, "log", 0, 31); !errors.Is(err, kafka.ErrRewound) {
			t.Errorf("beyond the end: %v, want ErrRewound", err)
		}
		testenv.Trim(t, cfg, "log", 0, 15)
		if _, _, err := c.TimeAt(ctx, "log", 0, 14); !errors.Is(err, kafka.ErrGap) {
			t.Errorf("before the first: %v, want ErrGap", err)
		}
		if at, ok, err := c.TimeAt(ctx, "log", 0, 15); !ok || err != nil || !at.Equal(times[15]) {
			t.Errorf("the first: %v, %v, %v", at, ok, err)
		}
	})
}
