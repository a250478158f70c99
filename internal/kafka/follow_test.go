package kafka_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"brume/internal/kafka"
	"brume/internal/testenv"
)

// heard is what a follower has heard since it began last.
type heard struct {
	mu      sync.Mutex
	begun   int
	numbers []int
	current []bool // of each call
}

func (h *heard) begin(int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.begun++
	h.numbers, h.current = nil, nil
}

func (h *heard) take(records []kafka.Record, current bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range records {
		h.numbers = append(h.numbers, int(binary.BigEndian.Uint64(r.Value)))
	}
	h.current = append(h.current, current)
}

// await waits until the follower has begun so often and heard these numbers.
func (h *heard) await(t *testing.T, begun int, want ...int) {
	t.Helper()
	state := func() string {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.begun == begun && slices.Equal(h.numbers, want) && len(h.current) > 0 && h.current[len(h.current)-1] {
			return ""
		}
		return fmt.Sprintf("begun %d times, heard %v, current %v; want %d, %v", h.begun, h.numbers, h.current, begun, want)
	}
	for deadline := time.Now().Add(20 * time.Second); state() != ""; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(state())
		}
	}
}

// follow follows until the test ends.
func follow(t *testing.T, c *kafka.Client, topic string) *heard {
	t.Helper()
	h := &heard{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Follow(ctx, topic, 0, h.begin, h.take) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("ended by its context: %v", err)
		}
	})
	return h
}

func TestFollow(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c := clientWith(t, cfg, kafka.Topic{Name: "followed", Partitions: 1})
		early := follow(t, c, "followed")
		early.await(t, 1)
		produce(t, c, "followed", 0, 0, 3)
		early.await(t, 1, 0, 1, 2)
		late := follow(t, c, "followed")
		late.await(t, 1, 0, 1, 2)
		produce(t, c, "followed", 0, 3, 4)
		early.await(t, 1, 0, 1, 2, 3)
		late.await(t, 1, 0, 1, 2, 3)
	})
}

// ★ While nothing comes a follower hears that it is current, and no more once
// the topic cannot be read.
func TestFollowHearsTheEnd(t *testing.T) {
	b, cfg := broker(t)
	c := clientWith(t, cfg, kafka.Topic{Name: "quiet", Partitions: 1})
	produce(t, c, "quiet", 0, 0, 3)
	h := follow(t, c, "quiet")
	h.await(t, 1, 0, 1, 2)
	calls := func() int {
		h.mu.Lock()
		defer h.mu.Unlock()
		return len(h.current)
	}
	heard := calls()
	for deadline := time.Now().Add(10 * time.Second); calls() < heard+3; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the end is not in sight")
		}
	}
	if err := b.Cluster().DeleteTopic("quiet"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second) // for an answer that was on its way
	heard = calls()
	time.Sleep(2 * time.Second)
	if n := calls(); n != heard {
		t.Errorf("heard %d times of the end of a log that nobody reads", n-heard)
	}
}

// A topic that was made anew is followed from its beginning, and nothing of the
// old one remains.
func TestFollowBeginsAgain(t *testing.T) {
	b, cfg := broker(t)
	topic := kafka.Topic{Name: "anew", Partitions: 1}
	c := clientWith(t, cfg, topic)
	produce(t, c, "anew", 0, 0, 5)
	h := follow(t, c, "anew")
	h.await(t, 1, 0, 1, 2, 3, 4)
	if err := b.Cluster().DeleteTopic("anew"); err != nil {
		t.Fatal(err)
	}
	clientWith(t, cfg, topic)
	produce(t, c, "anew", 0, 7, 8)
	h.await(t, 2, 7)
}

// A compacted log lacks records, and is followed all the same.
func TestFollowCompacted(t *testing.T) {
	b, cfg := broker(t)
	c := clientWith(t, cfg, kafka.Topic{Name: "sparse", Partitions: 1, Compact: true})
	for n := range 9 {
		if err := c.ProduceKeyed(within(t, 30*time.Second), "sparse", 0, fmt.Appendf(nil, "k%d", n%3), number(n)); err != nil {
			t.Fatal(err)
		}
	}
	b.Cluster().Compact()
	left := numbers(t, c, "sparse", 0)
	if len(left) == 9 {
		t.Fatal("nothing was compacted: the test proves nothing")
	}
	follow(t, c, "sparse").await(t, 1, left...)
}
