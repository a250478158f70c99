package lifecycle

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

type recorder struct {
	mu  sync.Mutex
	end []string
}

// until makes a component that ends with its context, after a delay.
func (r *recorder) until(name string, delay time.Duration, err error) Component {
	return Component{name, func(ctx context.Context) error {
		<-ctx.Done()
		time.Sleep(delay)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.end = append(r.end, name)
		return err
	}}
}

func TestStopsInReverseOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err := Run(ctx, slog.New(slog.DiscardHandler), time.Minute,
			r.until("broker", 0, context.Canceled), r.until("fold", 2*time.Second, nil), r.until("ingest", 5*time.Second, nil))
		if err != nil {
			t.Errorf("got %v", err)
		}
		if want := []string{"ingest", "fold", "broker"}; !reflect.DeepEqual(r.end, want) {
			t.Errorf("got %v, want %v", r.end, want)
		}
	})
}

func TestFirstErrorStopsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		cause := errors.New("disk full")
		err := Run(context.Background(), slog.New(slog.DiscardHandler), time.Minute,
			r.until("broker", 0, nil),
			Component{"done", func(context.Context) error { return nil }},
			Component{"bad", func(context.Context) error { time.Sleep(time.Second); return cause }})
		if !errors.Is(err, cause) || !strings.HasPrefix(err.Error(), "bad: ") {
			t.Errorf("got %v", err)
		}
		if len(r.end) != 1 {
			t.Errorf("broker was not stopped")
		}
	})
}

func TestDrainIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		start := time.Now()
		err := Run(ctx, slog.New(slog.DiscardHandler), time.Second, r.until("quick", 0, nil), r.until("slow", time.Hour, nil))
		if !errors.Is(err, ErrDrain) || !strings.Contains(err.Error(), "slow") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}
		time.Sleep(time.Hour) // the bubble waits for everybody
	})
}
