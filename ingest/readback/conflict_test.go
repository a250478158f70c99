package readback

import (
	"strings"
	"testing"
	"time"
)

// What makes two statements with one id the same, with the text kept and, when
// it is not, by digest.
func TestConflict(t *testing.T) {
	first := `{"id":"` + id("1") + `","timestamp":"2026-09-14T12:00:00.5Z",
		"actor":{"objectType":"Group","name":"6e B","mbox":"mailto:6eb@ac-aix.example","member":[{"openid":"https://id.example/1"},{"mbox_sha1sum":"ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}]},
		"verb":{"id":"a:answered","display":{"fr":"a répondu"}},
		"object":{"id":"` + exercise + `","definition":{"name":{"fr":"Exercice"}}},
		"result":{"score":{"scaled":0.5},"response":"x","duration":"PT60S","extensions":{"a:b":[1,2]}},
		"context":{"registration":"` + classID + `","contextActivities":{"parent":{"id":"a:p"},"other":[{"id":"a:1"},{"id":"a:2"}]}}}`
	swap := func(list ...string) string { return strings.NewReplacer(list...).Replace(first) }
	rows := []struct {
		line  int
		text  string
		kept  bool // is a conflict while the text is kept
		after bool // is one by digest
	}{
		{line(), first, false, false},
		{line(), swap(`"id":"`+id("1"), `"id":"`+strings.ToUpper(id("1"))), false, false},
		{line(), swap(`"2026-09-14T12:00:00.5Z"`, `"2026-09-14T14:00:00.500+02:00"`), false, false},
		{line(), swap(`"timestamp":"2026-09-14T12:00:00.5Z",`, ""), false, false},
		{line(), swap(`"a répondu"`, `"répondit"`, `"Exercice"`, `"Autre"`), false, false},
		{line(), swap(`"name":"6e B","mbox":"mailto:6eb@ac-aix.example"`, `"mbox":"mailto:6eb@AC-AIX.example","name":"6\u0065 B"`), false, false},
		{line(), swap(`{"openid":"https://id.example/1"},{"mbox_sha1sum":"ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}`,
			`{"objectType":"Agent","mbox_sha1sum":"EBD31E95054C018B10727CCFFD2EF2EC3A016EE9"},{"openid":"https://id.example/1"}`), false, false},
		{line(), swap(`{"id":"a:p"}`, `[{"id":"a:p","objectType":"Activity"}]`, `[{"id":"a:1"},{"id":"a:2"}]`, `[{"id":"a:2"},{"id":"a:1"}]`), false, false},
		{line(), swap(classID, strings.ToUpper(classID)), false, false},
		{line(), swap(`0.5}`, `5e-1}`), false, false},
		{line(), swap(`"verb"`, `"authority":{"openid":"a:b"},"version":"1.0.3","stored":"2026-09-14T12:00:00Z","verb"`), false, false},
		{line(), swap(`"2026-09-14T12:00:00.5Z"`, `"2026-09-14T12:00:00.6Z"`), true, true},
		{line(), swap(`"2026-09-14T12:00:00.5Z"`, `"2026-09-14t12:00:00.500z"`), false, false},
		{line(), swap(`PT60S`, `PT60.009S`), false, false},
		{line(), swap(`PT60S`, `PT60.01S`), true, true},
		{line(), swap("a:answered", "a:passed"), true, true},
		{line(), swap("exercise/12", "exercise/13"), true, true},
		{line(), swap("6eb@", "6ec@"), true, true},
		{line(), swap(`0.5}`, `0.6}`), true, true},
		{line(), swap(`"result":{`, `"result":{"success":true,`), true, true},
		{line(), swap(`PT60S`, `PT1M`), true, false},
		{line(), swap(`"response":"x"`, `"response":"y"`), true, false},
		{line(), swap(`[1,2]`, `[2,1]`), true, false},
		{line(), swap(`id.example/1`, `id.example/2`), true, false},
		{line(), swap(`"parent"`, `"grouping"`), true, false},
	}
	for _, row := range rows {
		w := newTested(t, 8<<20)
		w.put(first)
		again := decoded(t, row.text)
		if _, got := w.Conflict(owner.Number, again); got != row.kept {
			t.Errorf("line %d: conflict %t with the text kept", row.line, got)
		}
		w.now = w.now.Add(time.Hour)
		w.put(made(t, "2"))
		if _, got := w.Conflict(owner.Number, again); got != row.after {
			t.Errorf("line %d: conflict %t by digest", row.line, got)
		}
		if _, got := w.Conflict(owner.Number+1, again); got {
			t.Errorf("line %d: another publisher learns of the id", row.line)
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
	long := `"result":{"response":"` + strings.Repeat("x", MaxCompared) + `"}`
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
