package readback

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// pages follows a list to its end.
func (w *tested) pages(query string, between func()) (pages []string) {
	w.t.Helper()
	r := w.list(query)
	for len(pages) < 100 {
		pages = append(pages, r.ids())
		if r.More == "" {
			return pages
		}
		more, ok := strings.CutPrefix(r.More, moreURL)
		if !ok {
			w.t.Fatal(r.More)
		}
		if between != nil {
			between()
		}
		r = w.list("more=" + more)
	}
	w.t.Fatal("no end")
	return nil
}

func TestMore(t *testing.T) {
	rows := []struct {
		line  int
		query string
		want  string
	}{
		{line(), "limit=4", "[9 8 7 6|5 4 3 2|1]"},
		{line(), "limit=4&ascending=true", "[1 2 3 4|5 6 7 8|9]"},
		{line(), "limit=9", "[9 8 7 6 5 4 3 2 1]"},
		{line(), "limit=3&format=ids", "[9 8 7|6 5 4|3 2 1]"},
		{line(), "limit=2&verb=http://adlnet.gov/expapi/verbs/passed", "[8 7|2]"},
		{line(), "limit=1&verb=a:confirmed", "[8|7]"},
	}
	w := lesson(t)
	for _, row := range rows {
		if got := "[" + strings.Join(w.pages(row.query, nil), "|") + "]"; got != row.want {
			t.Errorf("line %d: got %s, want %s", row.line, got, row.want)
		}
	}
}

// A list that goes on neither repeats nor misses what was there when it began,
// while others arrive and old ones leave.
func TestMoreWhileTimePasses(t *testing.T) {
	w := lesson(t)
	n := 100
	arrive := func() {
		n++
		w.put(made(t, itoa(n)))
	}
	if got := fmt.Sprint(w.pages("limit=4", arrive)); got != "[9 8 7 6 5 4 3 2 1]" {
		t.Errorf("got %s", got)
	}
	w = lesson(t)
	leave := func() { w.now = noon.Add(19*time.Minute + time.Second) } // 1 to 5 do
	if got := fmt.Sprint(w.pages("limit=2", leave)); got != "[9 8 7 6]" {
		t.Errorf("got %s", got)
	}
	w = lesson(t)
	if got := fmt.Sprint(w.pages("limit=2&ascending=true", leave)); got != "[1 2 6 7 8 9]" {
		t.Errorf("ascending: got %s", got)
	}
}

// A token that was changed, is too old, or is another window's goes nowhere,
// and shows nothing of the query.
func TestTokens(t *testing.T) {
	w := lesson(t)
	token := strings.TrimPrefix(w.list("limit=2&activity="+exercise).More, moreURL)
	if strings.Contains(token, "calcul") || len(token) > 300 {
		t.Errorf("token %s", token)
	}
	if _, err := w.ask(owner, "more="+token); err != nil {
		t.Error(err)
	}
	for i := range len(token) {
		changed := []byte(token)
		if changed[i]++; changed[i] > 'z' {
			changed[i] = '0'
		}
		if _, _, ok := w.opened(owner.Number, string(changed)); ok {
			t.Fatalf("byte %d changed and accepted", i)
		}
	}
	if _, err := lesson(t).ask(owner, "more="+token); !errors.Is(err, ErrMore) {
		t.Errorf("another window: %v", err)
	}
	w.now = w.now.Add(15*time.Minute + time.Second)
	if _, err := w.ask(owner, "more="+token); !errors.Is(err, ErrMore) {
		t.Errorf("after its time: %v", err)
	}
}
