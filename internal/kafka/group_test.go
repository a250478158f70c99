package kafka_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"brume/internal/kafka"
	"brume/internal/testenv"
)

// holders counts, for each partition, who handles it now.
type holders struct {
	mu     sync.Mutex
	now    map[int]map[string]int
	double bool
}

func (h *holders) handler(who string) func(context.Context, kafka.Assignment) error {
	return func(ctx context.Context, a kafka.Assignment) error {
		h.change(a.Partition, who, 1)
		<-ctx.Done()
		h.change(a.Partition, who, -1)
		return ctx.Err()
	}
}

func (h *holders) change(partition int, who string, by int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now[partition] == nil {
		h.now[partition] = map[string]int{}
	}
	h.now[partition][who] += by
	if h.now[partition][who] == 0 {
		delete(h.now[partition], who)
	}
	if len(h.now[partition]) > 1 || h.now[partition][who] > 1 {
		h.double = true
	}
}

// owners is who holds how many partitions, when each has one holder.
func (h *holders) owners(partitions int) (map[string]int, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	count := map[string]int{}
	for p := range partitions {
		if len(h.now[p]) != 1 {
			return nil, false
		}
		for who := range h.now[p] {
			count[who]++
		}
	}
	return count, true
}

func (h *holders) settle(t *testing.T, partitions int, want ...string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		count, all := h.owners(partitions)
		if who := slices.Sorted(maps.Keys(count)); all && slices.Equal(who, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("partitions are held by %v (all: %v); want %v", count, all, want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestGroupCoversEachPartitionOnce(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		const partitions = 7
		topic := kafka.Topic{Name: "shared", Partitions: partitions}
		clientWith(t, cfg, topic)
		h := &holders{now: map[int]map[string]int{}}
		var members sync.WaitGroup
		defer members.Wait()
		join := func(who string) context.CancelFunc {
			c := client(t, cfg)
			ctx, cancel := context.WithCancel(t.Context())
			members.Go(func() {
				if err := c.RunGroup(ctx, "group", "shared", h.handler(who)); err != nil {
					t.Errorf("member %s: %v", who, err)
				}
			})
			return cancel
		}
		leaveA := join("a")
		defer leaveA()
		h.settle(t, partitions, "a")
		leaveB := join("b")
		defer leaveB()
		h.settle(t, partitions, "a", "b")
		leaveC := join("c")
		defer leaveC()
		h.settle(t, partitions, "a", "b", "c")
		leaveA()
		h.settle(t, partitions, "b", "c")
		leaveC()
		h.settle(t, partitions, "b")
		if h.double {
			t.Error("a partition had two holders at once, though all left in order")
		}
	})
}

func TestAnErrorOfTheHandlerEndsTheMember(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c := clientWith(t, cfg, kafka.Topic{Name: "failing", Partitions: 3})
		broken := errors.New("broken")
		var running sync.WaitGroup
		err := c.RunGroup(within(t, 30*time.Second), "group", "failing", func(ctx context.Context, a kafka.Assignment) error {
			running.Add(1)
			defer running.Done()
			if a.Partition == 1 {
				return broken
			}
			<-ctx.Done()
			return ctx.Err()
		})
		if !errors.Is(err, broken) {
			t.Errorf("%v; want the handler's error", err)
		}
		running.Wait()
	})
}

func TestAHandlerThatEndsEarlyLeavesOthersAlone(t *testing.T) {
	c := clientWith(t, testenv.Kafka(t), kafka.Topic{Name: "early", Partitions: 2})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	var mu sync.Mutex
	started := 0
	err := c.RunGroup(ctx, "group", "early", func(ctx context.Context, a kafka.Assignment) error {
		mu.Lock()
		started++
		mu.Unlock()
		if a.Partition == 0 {
			return nil
		}
		<-ctx.Done()
		return nil
	})
	if err != nil || started != 2 {
		t.Errorf("%d starts, %v; want 2", started, err)
	}
}
