package readback

import (
	"cmp"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"brume/ingest/compare"
	"brume/schemas/xapi"
)

// Windows full of what makes reading dear: no query may cost more than 50 ms of
// processor time, and none more than a few megabytes.
func TestHostileReads(t *testing.T) {
	if slow {
		t.Skip("the race detector makes times mean nothing")
	}
	esc := strings.Repeat(`\u0061`, 30)
	maps := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `%s{"id":"x%d","description":{"fr":"a","en":"b","de":"c"}}`, strings.Repeat(",", min(i, 1)), i)
		}
		return b.String()
	}
	deep := strings.Repeat("[", 25) + strings.Repeat("]", 25)
	rows := []struct {
		line  int
		text  func(n int) string
		query string
	}{
		{line(), func(n int) string { return small(n, "") }, "verb=a:none"},
		{line(), func(n int) string { return small(n, "") }, "verb=" + "http://adlnet.gov/expapi/verbs/" + strings.Repeat("a", 200)},
		{line(), func(n int) string { return small(n, "") }, "limit=1000&format=canonical"},
		{line(), func(n int) string { return small(n, "") }, "limit=1000&format=ids&attachments=true"},
		{line(), func(n int) string { return small(n, "") }, "until=2000-01-01T00:00:00Z"},
		{line(), func(n int) string { return small(n, `,"result":{"response":"`+esc+`"}`) }, "verb=a:none&ascending=true"},
		{line(), func(n int) string { return small(n, `,"result":{"extensions":{"a:b":`+deep+`}}`) + " " }, "registration=" + classID},
		{line(), func(n int) string { return ref(n, n-1) }, "verb=a:none"},
		{line(), func(n int) string { return ref(n, 0) }, "activity=a:none&related_activities=true"},
		{line(), func(n int) string {
			return large(n, `"object":{"id":"a:b","definition":{"interactionType":"choice","choices":[`+maps(5000)+`]}}`)
		}, "format=canonical"},
		{line(), func(n int) string {
			return large(n, `"object":{"id":"a:b"},"context":{"contextActivities":{"other":[`+strings.Repeat(`{"id":"a:b"},`, 15000)+`{"id":"a:c"}]}}`)
		}, "format=ids"},
		{line(), func(n int) string {
			return large(n, `"object":{"objectType":"Group","member":[`+strings.Repeat(`{"mbox":"mailto:a@b.example"},`, 8000)+`{"openid":"a:b"}]}`)
		}, `format=ids&related_agents=true&agent={"mbox":"mailto:a@b.other"}`},
	}
	for _, row := range rows {
		w := newTested(t, 24<<20) // more than is looked at
		text := row.text(1)
		for n := 1; w.store.first == 0; n++ {
			if len(text) < 2000 {
				text = row.text(n)
			}
			w.Put(owner, true, []xapi.Statement{{ID: id(itoa(n)), Raw: text}}, nil)
		}
		q := parse(t, row.query)
		languages := ParseLanguages(strings.Repeat("xx-yy,", 100) + "de")
		least := time.Hour
		for range 3 {
			began := cpu(t)
			if _, err := w.Read(owner, q, languages); err != nil {
				t.Fatalf("line %d: %v", row.line, err)
			}
			least = min(least, cpu(t)-began)
		}
		t.Logf("line %d: %v", row.line, least)
		if least > 50*time.Millisecond {
			t.Errorf("line %d: %v of processor time", row.line, least)
		}
	}
}

func small(n int, rest string) string {
	return `{"id":"` + id(itoa(n)) + `","actor":{` + ent + `},"verb":{"id":"http://adlnet.gov/expapi/verbs/answered"},"object":{"id":"` + exercise + `"}` + rest + `}`
}

func ref(n, to int) string {
	return `{"id":"` + id(itoa(n)) + `","actor":{` + ent + `},"verb":{"id":"a:b"},"object":{"objectType":"StatementRef","id":"` + id(itoa(to)) + `"}}`
}

func large(n int, rest string) string {
	return `{"id":"` + id(itoa(n)) + `","actor":{` + ent + `},"verb":{"id":"a:b"},` + rest + `}`
}

// Statements that are the same in another form make comparing dearest. Their
// digests, of another verb, would say that they differ.
func TestHostileConflicts(t *testing.T) {
	if slow {
		t.Skip("the race detector makes times mean nothing")
	}
	members := func(from, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `{"openid":"https://id.example/%d"},`, (from+i)%n)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	extensions := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"a:%d":[%d.0]%s`, n-i, i, strings.Repeat(",", min(1, n-1-i)))
		}
		return b.String()
	}
	many := func(n int, text string) string {
		return `"object":{"id":"a:b"},"result":{"extensions":{"a:b":[` + strings.TrimSuffix(strings.Repeat(text+",", n), ",") + `]}}`
	}
	nested := strings.Repeat(`{"":`, 20) + "0" + strings.Repeat("}", 20)
	group := func(from int) string { return `"object":{"objectType":"Group","member":[` + members(from, 900) + `]}` }
	rows := []struct {
		line     int
		one, two string
	}{
		{line(), group(0), group(7)},
		{line(), `"object":{"id":"a:b"},"result":{"extensions":{` + extensions(1700) + `}}`, ""},
		{line(), many(300, nested), ""},
		{line(), many(4500, `{"":0}`), ""},
		{line(), many(7800, "1e9"), ""},
	}
	for _, row := range rows {
		w := newTested(t, 64<<20)
		one, two := large(1, row.one), large(1, " "+cmp.Or(row.two, row.one))
		if n := len(one) + len(two); n > compare.MaxBytes || n < compare.MaxBytes*3/4 {
			t.Fatalf("line %d: %d bytes", row.line, n)
		}
		w.Put(owner, false, []xapi.Statement{{ID: id("1"), Raw: one}}, nil)
		least := time.Hour
		var before, after runtime.MemStats
		for range 3 {
			runtime.ReadMemStats(&before)
			began := cpu(t)
			if _, conflict := w.Conflict(owner.Number, []xapi.Statement{{ID: id("1"), Raw: two, Verb: "a:c"}}); conflict {
				t.Fatalf("line %d: the same statement is a conflict", row.line)
			}
			least = min(least, cpu(t)-began)
			runtime.ReadMemStats(&after)
		}
		spent := after.TotalAlloc - before.TotalAlloc
		t.Logf("line %d: %v, %d bytes allocated", row.line, least, spent)
		if least > 50*time.Millisecond || spent > 8<<20 {
			t.Errorf("line %d: %v of processor time, %d bytes allocated", row.line, least, spent)
		}
	}
}
