package event_test

import (
	"encoding/binary"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"brume/schemas/event"
)

func TestSealedEventsOpenInTheirPartitionOnly(t *testing.T) {
	r := newRing(t, noon, 1)
	sealer, opener := event.NewSealer(r, (&clock{noon}).now), event.NewOpener(r)
	rapid.Check(t, func(t *rapid.T) {
		want := drawEvent(t)
		partition := rapid.IntRange(0, 511).Draw(t, "partition")
		record, err := sealer.Seal(want, partition)
		if err != nil {
			t.Fatal(err)
		}
		if event.IsControl(record) {
			t.Fatal("a sealed event taken for a control record")
		}
		if got, err := opener.Open(record, partition); err != nil || got != *want {
			t.Fatalf("differs: %v", err)
		}
		if _, err := opener.Open(record, partition+1); !errors.Is(err, event.ErrSealed) {
			t.Fatalf("opened in another partition: %v", err)
		}
	})
}

func TestEveryFlippedByteAndTruncationIsRefused(t *testing.T) {
	r := newRing(t, noon, 1)
	record, err := event.NewSealer(r, (&clock{noon}).now).Seal(sample(), 3)
	if err != nil {
		t.Fatal(err)
	}
	warm := event.NewOpener(r)
	if _, err := warm.Open(record, 3); err != nil {
		t.Fatal(err)
	}
	refused := func(b []byte, what string, i int) {
		for _, o := range []*event.Opener{warm, event.NewOpener(r)} {
			if _, err := o.Open(b, 3); !errors.Is(err, event.ErrSealed) && !errors.Is(err, event.ErrKeyGone) {
				t.Errorf("%s at byte %d: got %v", what, i, err)
			}
		}
	}
	for i := range record {
		for _, mask := range []byte{1, 0x80, 0xff} {
			b := append([]byte(nil), record...)
			b[i] ^= mask
			refused(b, "flip", i)
		}
		refused(record[:i], "cut", i)
	}
	refused(append(append([]byte(nil), record...), 0), "a byte more", len(record))
}

func TestExpiredPublicKeyIsNotUsed(t *testing.T) {
	r, c := newRing(t, noon, 1), &clock{noon.Add(time.Hour - time.Second)}
	sealer := event.NewSealer(r, c.now)
	if _, err := sealer.Seal(sample(), 0); err != nil {
		t.Fatal(err)
	}
	c.at = noon.Add(time.Hour)
	if _, err := sealer.Seal(sample(), 0); !errors.Is(err, event.ErrNoKey) {
		t.Errorf("sealed with an expired key: %v", err)
	}
	r.add(t, event.Hour(c.at))
	if _, err := sealer.Seal(sample(), 0); err != nil {
		t.Errorf("with the next key: %v", err)
	}
}

func TestDestroyedKeyOpensNothingMore(t *testing.T) {
	r := newRing(t, noon, 1)
	record, err := event.NewSealer(r, (&clock{noon}).now).Seal(sample(), 0)
	if err != nil {
		t.Fatal(err)
	}
	opener := event.NewOpener(r)
	if _, err := opener.Open(record, 0); err != nil {
		t.Fatal(err)
	}
	r.destroy(event.Hour(noon))
	if _, err := opener.Open(record, 0); !errors.Is(err, event.ErrKeyGone) {
		t.Errorf("opened from the cache: %v", err)
	}
	r.add(t, event.Hour(noon)) // a clock that went back: another key for the hour
	for range 100 {
		if _, err := opener.Open(record, 0); !errors.Is(err, event.ErrSealed) {
			t.Fatalf("opened from the cache after the hour's second key: %v", err)
		}
	}
}

// wrappedOf is what the records of one data key have in common.
func wrappedOf(record []byte) string {
	return string(record[:8+binary.BigEndian.Uint16(record[6:])])
}

func TestDataKeyLivesTenMinutes(t *testing.T) {
	r, c := newRing(t, noon, 2), &clock{noon.Add(45 * time.Minute)}
	sealer := event.NewSealer(r, c.now)
	var last string
	for _, step := range []struct {
		after time.Duration
		fresh bool
	}{
		{0, true}, {10*time.Minute - 1, false}, {1, true}, {5*time.Minute - 1, false}, {1, true}, {-time.Second, true},
	} {
		c.at = c.at.Add(step.after)
		record, err := sealer.Seal(sample(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if fresh := wrappedOf(record) != last; fresh != step.fresh {
			t.Errorf("at %s: new data key %v, want %v", c.at.Format("15:04:05.999999999"), fresh, step.fresh)
		}
		last = wrappedOf(record)
	}
}

// TestIdleSealerForgets: the data key goes even when nothing more is sealed.
func TestIdleSealerForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		frozen := time.Now()
		r := newRing(t, frozen, 1)
		sealer := event.NewSealer(r, func() time.Time { return frozen })
		first, err := sealer.Seal(sample(), 0)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(event.DataKeyLife)
		synctest.Wait()
		second, err := sealer.Seal(sample(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if wrappedOf(first) == wrappedOf(second) {
			t.Error("the data key outlived its ten minutes")
		}
	})
}

func TestNoncesNeverRepeat(t *testing.T) {
	r := newRing(t, noon, 1)
	sealer := event.NewSealer(r, (&clock{noon}).now)
	var (
		mu   sync.Mutex
		seen = map[string]bool{}
		wait sync.WaitGroup
	)
	for range 8 {
		wait.Go(func() {
			for range 500 {
				record, err := sealer.Seal(sample(), 0)
				if err != nil {
					t.Error(err)
					return
				}
				n := len(wrappedOf(record))
				mu.Lock()
				if nonce := string(record[:n+12]); seen[nonce] {
					t.Error("nonce used twice under one data key")
				} else {
					seen[nonce] = true
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
}

func FuzzOpen(f *testing.F) {
	r := newRing(f, noon, 1)
	record, err := event.NewSealer(r, (&clock{noon}).now).Seal(sample(), 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(record)
	opener := event.NewOpener(r)
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := opener.Open(b, 0)
		if string(b) != string(record) && !errors.Is(err, event.ErrSealed) && !errors.Is(err, event.ErrKeyGone) {
			t.Errorf("%x: got %v", b, err)
		}
	})
}
