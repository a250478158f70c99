package kafka_test

import (
	"errors"
	"testing"
	"time"

	"brume/internal/kafka"
	"brume/internal/testenv"
)

// What retention deleted is told exactly, also where nothing is left, and
// nothing is said to be lost where nothing is.
func TestLost(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		c := clientWith(t, cfg, kafka.Topic{Name: "log", Partitions: 2})
		began := time.Now().Add(-time.Minute)
		lost := func(offset, to int64) {
			t.Helper()
			l, err := c.Lost(within(t, 30*time.Second), "log", 1, offset)
			if err != nil || l.From != offset || l.To != to {
				t.Errorf("from %d: %+v, %v; want up to %d", offset, l, err, to)
			}
			if _, end, _ := c.Offsets(within(t, 30*time.Second), "log", 1); l.Until.IsZero() != (to == end) || to != end && l.Until.Before(began) {
				t.Errorf("from %d: until %v", offset, l.Until)
			}
		}
		lost(0, 0)
		produce(t, c, "log", 1, 0, 10)
		produce(t, c, "log", 1, 10, 20)
		lost(0, 0)
		testenv.Trim(t, cfg, "log", 1, 7)
		lost(0, 7)
		lost(5, 7)
		lost(7, 7)
		lost(12, 12)
		testenv.Trim(t, cfg, "log", 1, 20)
		lost(7, 20)
		lost(20, 20)
		produce(t, c, "log", 1, 20, 21)
		lost(7, 20)
		if _, err := c.Lost(within(t, 30*time.Second), "log", 1, 22); !errors.Is(err, kafka.ErrRewound) {
			t.Errorf("beyond the end: %v, want ErrRewound", err)
		}
	})
}
