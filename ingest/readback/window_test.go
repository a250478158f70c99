package readback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"brume/schemas/xapi"
)

// raws are statements that only the store looks at.
func raws(from, n, size int) []xapi.Statement {
	list := make([]xapi.Statement, n)
	for i := range list {
		list[i] = xapi.Statement{ID: id(itoa(from + i)), Raw: `{"x":"` + strings.Repeat("s", size) + `"}`}
	}
	return list
}

// The window holds no more than its bytes, whatever the sizes, drops the oldest
// first, and gives memory back when little is left.
func TestBounds(t *testing.T) {
	const limit, total = 4 << 20, 60_000
	w := newTested(t, limit)
	r := rand.New(rand.NewPCG(1, 2))
	for n := 0; n < total; {
		size := 20
		switch r.IntN(500) {
		case 0:
			size = 200_000
		case 1, 2, 3, 4, 5:
			size = 5000
		}
		w.Put(Owner{Number: 7}, false, raws(n, 10, size), nil)
		if n += 10; w.store.used() > limit {
			t.Fatalf("%d bytes used after %d", w.store.used(), n)
		}
	}
	s := w.store
	kept := len(s.entries) - s.head
	if kept < 1000 || s.index.n != kept {
		t.Fatalf("%d kept, %d in the index", kept, s.index.n)
	}
	for n := total - 1; n >= 0; n-- {
		_, _, ok := w.get(Owner{Number: 7}, id(itoa(n)))
		if want := n >= total-kept; ok != want {
			t.Fatalf("statement %d: %t, want %t", n, ok, want)
		}
	}
	w.now = w.now.Add(time.Hour)
	w.Put(Owner{Number: 7}, false, raws(0, 1, 20), nil)
	if s.used() > 2*segmentBytes {
		t.Errorf("%d bytes used for one statement", s.used())
	}
}

// What a window says it uses is what the process has for it.
func TestHonestAccount(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for _, size := range []int{10, 300, 30_000} {
		before := heap()
		w := newTested(t, 8<<20)
		for n := 0; n < 12<<20; n += 100 * (size + 100) {
			w.Put(Owner{Number: 7}, false, raws(n, 100, size), nil)
		}
		w.digests.slots = nil // they are beside the window
		used, got := w.store.used(), heap()-before
		if used > 8<<20 || got > used*21/20 {
			t.Errorf("size %d: %d bytes on the heap, %d accounted for", size, got, used)
		}
		runtime.KeepAlive(w)
	}
}

// What has left is overwritten, not only forgotten, whether it left by age or
// by bytes, and goes without any traffic.
func TestNothingStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Config{Keep: 15 * time.Minute, Bytes: 1 << 20}, time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			w.Run(ctx)
			close(done)
		}()
		seen := map[*byte][]byte{}
		look := func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, b := range w.store.segments {
				seen[&b[:1][0]] = b[:cap(b)]
			}
		}
		left := func() (n, kept int, used int64) {
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, b := range seen {
				n += bytes.Count(b, []byte("pupil"))
			}
			return n, len(w.store.entries) - w.store.head, w.store.used()
		}
		for i := range 3000 {
			w.Put(Owner{Number: 7}, false, []xapi.Statement{{ID: id(itoa(i)), Raw: `{"name":"pupil` + strings.Repeat(".", i%1000) + `"}`}}, nil)
			look()
		}
		time.Sleep(90 * time.Second)
		if n, kept, _ := left(); n != kept {
			t.Errorf("%d texts in memory, %d kept", n, kept)
		}
		time.Sleep(15 * time.Minute)
		if n, _, used := left(); n > 0 || used > 0 {
			t.Errorf("%d texts in memory after their time, %d bytes used", n, used)
		}
		w.Put(Owner{Number: 7}, false, []xapi.Statement{{ID: id("1"), Raw: `{"name":"pupil"}`}}, nil)
		look()
		cancel()
		<-done
		if n, _, _ := left(); n > 0 {
			t.Errorf("%d texts in memory at the end", n)
		}
	})
}

// A clock that is set back keeps nothing longer: who cannot say how old a
// statement is forgets it. A small step changes nothing.
func TestClockGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var back atomic.Int64 // nanoseconds
		w := New(Config{Keep: 15 * time.Minute, Bytes: 1 << 20}, func() time.Time { return time.Now().Add(-time.Duration(back.Load())) })
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			w.Run(ctx)
			close(ended)
		}()
		kept := func() int {
			w.mu.Lock()
			defer w.mu.Unlock()
			return len(w.store.entries) - w.store.head
		}
		w.Put(Owner{Number: 7}, false, raws(1, 1, 20), nil)
		back.Store(int64(30 * time.Second))
		time.Sleep(90 * time.Second)
		if n := kept(); n != 1 {
			t.Errorf("%d kept after a small step", n)
		}
		back.Store(int64(time.Hour))
		time.Sleep(90 * time.Second) // without traffic
		if n := kept(); n > 0 {
			t.Errorf("%d kept", n)
		}
		w.Put(Owner{Number: 7}, false, raws(2, 1, 20), nil)
		back.Store(int64(2 * time.Hour))
		w.Put(Owner{Number: 7}, false, raws(3, 1, 20), nil)
		if st, _, ok := w.get(Owner{Number: 7}, id(itoa(3))); !ok || st.Stored.After(w.now()) || kept() != 1 {
			t.Errorf("stored %s, %d kept", st.Stored, kept())
		}
		cancel()
		<-ended
	})
}

// A text is readable until its time, not after.
func TestKeep(t *testing.T) {
	w := newTested(t, 1<<20)
	w.put(made(t, "1"))
	w.now = w.now.Add(15 * time.Minute)
	if got := w.list(""); got.ids() != "1" {
		t.Errorf("within its time: got %q", got.ids())
	}
	w.now = w.now.Add(time.Second)
	if got := w.list(""); got.ids() != "" {
		t.Errorf("after its time: got %q", got.ids())
	}
	if _, err := w.ask(owner, "statementId="+id("1")); !errors.Is(err, ErrUnknown) {
		t.Errorf("after its time: %v", err)
	}
}

// No two puts share a time, and a list that starts after the last time seen
// misses nothing, also when the clock steps back.
func TestStoredTimes(t *testing.T) {
	w := newTested(t, 1<<20)
	var times []time.Time
	for i := range 4 {
		w.put(made(t, itoa(i)))
		st, _, _ := w.get(owner, id(itoa(i)))
		times = append(times, st.Stored)
		w.now = w.now.Add(time.Duration(1-i) * time.Second)
	}
	for i := range times[1:] {
		if !times[i+1].After(times[i]) {
			t.Errorf("%v is not after %v", times[i+1], times[i])
		}
	}
}

// The index agrees with a map through growth, removal and shrinking.
func TestIndex(t *testing.T) {
	var x index
	type pair struct{ hash, seq uint64 }
	var queue []pair
	r := rand.New(rand.NewPCG(3, 4))
	for seq := uint64(1); seq < 50_000; seq++ {
		p := pair{r.Uint64N(1<<14) << 40, seq} // many share their slots
		x.add(p.hash, p.seq)
		queue = append(queue, p)
		for len(queue) > 0 && (len(queue) > 5000 || seq > 40_000) && r.IntN(3) > 0 {
			x.remove(queue[0].hash, queue[0].seq)
			queue = queue[1:]
		}
	}
	if x.n != len(queue) || len(x.slots) > 4*max(leastSlots, len(queue)*2) {
		t.Fatalf("%d in %d slots, want %d", x.n, len(x.slots), len(queue))
	}
	for _, p := range queue {
		found := false
		x.find(p.hash, func(low uint32) bool {
			found = found || low == uint32(p.seq)
			return found
		})
		if !found {
			t.Fatal(fmt.Sprint("lost ", p))
		}
	}
}

func TestConfig(t *testing.T) {
	rows := []struct {
		line int
		cfg  Config
		good bool
	}{
		{line(), Config{}, true},
		{line(), Config{Keep: time.Minute, Bytes: 1 << 20}, true},
		{line(), Config{Keep: -1, Bytes: 1 << 20}, false},
		{line(), Config{Keep: 2 * time.Hour, Bytes: 1 << 20}, false},
		{line(), Config{Keep: time.Minute}, false},
	}
	for _, row := range rows {
		if err := row.cfg.Validate(); (err == nil) != row.good {
			t.Errorf("line %d: %v", row.line, err)
		}
	}
}

// Publishers, readers and the timer share a window.
func TestTogether(t *testing.T) {
	w := New(Config{Keep: 10 * time.Millisecond, Bytes: 1 << 20}, time.Now)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { w.Run(ctx) })
	var clients sync.WaitGroup
	for p := range uint16(4) {
		clients.Go(func() {
			for i := range 200 {
				list := decoded(t, made(t, itoa(i), `"context":{"registration":"`+classID+`"}`))
				w.Conflict(p, list)
				w.Put(Owner{Number: p}, false, list, nil)
				if _, err := w.Read(Owner{Number: p}, Query{Format: IDs, Registration: classID, Attachments: true}, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	clients.Wait()
	cancel()
	all.Wait()
	if w.store.used() != 0 {
		t.Errorf("%d bytes used after the end", w.store.used())
	}
}
