package readback

import (
	"strings"
	"testing"
	"time"

	"brume/ingest/compare"
	"brume/ingest/compare/pairs"
)

// What makes two statements with one id the same, with the text kept and, when
// it is not, by digest.
func TestConflict(t *testing.T) {
	for what, p := range pairs.All() {
		w := newTested(t, 8<<20)
		w.put(p.A)
		again := decoded(t, p.B)
		again[0].ID = decoded(t, p.A)[0].ID // when it came without, as one is given to it
		if _, got := w.Conflict(owner.Number, again); got != !p.Same {
			t.Errorf("%s: conflict %t with the text kept", what, got)
		}
		w.now = w.now.Add(time.Hour)
		w.put(made(t, "2"))
		if _, got := w.Conflict(owner.Number, again); got != (!p.Same && !p.Hidden) {
			t.Errorf("%s: conflict %t by digest", what, got)
		}
		if _, got := w.Conflict(owner.Number+1, again); got {
			t.Errorf("%s: another publisher learns of the id", what)
		}
	}
}

// Switched off, the window still sees conflicts, and keeps no text.
func TestConflictWhenOff(t *testing.T) {
	w := New(Config{}, time.Now)
	w.Put(Owner{Number: 7}, false, decoded(t, made(t, "1")), nil)
	if at, got := w.Conflict(7, decoded(t, "["+made(t, "2")+","+made(t, "1", passed)+"]")); !got || at != 1 {
		t.Errorf("conflict %t at %d", got, at)
	}
	if _, got := w.Conflict(7, decoded(t, made(t, "1"))); got {
		t.Error("the same statement is a conflict")
	}
	if w.store.used() != 0 {
		t.Errorf("%d bytes kept", w.store.used())
	}
}

// The first statement with an id stays, whatever comes after it.
func TestFirstStays(t *testing.T) {
	w := newTested(t, 8<<20)
	w.put(made(t, "1", passed))
	w.put(made(t, "1", `"verb":{"id":"a:b"}`))
	if got := w.list("verb=a:b"); got.ids() != "" {
		t.Errorf("got %s", got.ids())
	}
	if got := w.list(""); got.ids() != "1" {
		t.Errorf("got %s", got.ids())
	}
	if _, conflict := w.Conflict(7, decoded(t, made(t, "1", passed))); conflict {
		t.Error("the first statement is a conflict")
	}
}

// What is too long to be parsed is compared by digest, and what follows it
// still by text.
func TestLongConflict(t *testing.T) {
	long := `"result":{"response":"` + strings.Repeat("x", compare.MaxBytes) + `"}`
	first, second := made(t, "1", long), made(t, "2", `"result":{"response":"x"}`)
	swap := func(text, from, to string) string { return strings.Replace(text, from, to, 1) }
	for _, row := range []struct {
		line          int
		first, second string
		place         int
		conflict      bool
	}{
		{line(), first, second, 0, false},
		{line(), swap(first, "xx", "xy"), second, 0, false},
		{line(), swap(first, `"result":{`, `"result":{"success":true,`), second, 0, true},
		{line(), swap(first, "xx", "xy"), swap(second, `"x"`, `"y"`), 1, true},
	} {
		w := newTested(t, 8<<20)
		w.put(first, second)
		if place, got := w.Conflict(owner.Number, decoded(t, "["+row.first+","+row.second+"]")); place != row.place || got != row.conflict {
			t.Errorf("line %d: %d, %t", row.line, place, got)
		}
	}
}
