package ingest

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"brume/schemas/topics"
)

// Whatever the body, its lines are those that a plain split gives, in whatever
// pieces it is read.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte("a\nb\r\n\nc"), uint8(3))
	f.Add([]byte(strings.Repeat("x", 40)+"\n\r\r\n"), uint8(1))
	f.Fuzz(func(t *testing.T, body []byte, longest uint8) {
		limit := 16 + int(longest)
		in := newSplitter(iotest.HalfReader(bytes.NewReader(body)), limit)
		for want := range bytes.Lines(body) {
			want = bytes.TrimSuffix(bytes.TrimSuffix(want, []byte("\n")), []byte("\r"))
			got, err := in.next()
			if err != nil {
				t.Fatal(err)
			}
			if long := len(want) > limit; long != (got == nil) || !long && !bytes.Equal(got, want) {
				t.Errorf("line %d: %q, want %q", in.number, got, want)
			}
		}
		if text, err := in.next(); err == nil {
			t.Errorf("one line more: %q", text)
		}
	})
}

// Whatever the lines, each that is no blank has one result in its order, and
// what is said to be taken is taken, repeats once.
func FuzzLines(f *testing.F) {
	f.Add([]byte(statement("1", "") + "\n{}\n" + statement("2", `,"id":"`+someID+`"`)))
	f.Add([]byte("\n \n\r\n[]\n\"\\ud800\"\n"))
	e := newEndpoint(f, func(c *Config, _ *Deps) { c.Readback = 0 }) // each body for itself
	f.Fuzz(func(t *testing.T, body []byte) {
		accepted, records := e.Counts().Accepted, len(e.out.topic(topics.Statements))
		w := e.lines(string(body), nil)
		if w.Code != http.StatusOK {
			t.Fatalf("status %d, code %q", w.Code, code(w))
		}
		list, last := readResults(t, w)
		distinct, taken, at := map[string]bool{}, 0, 0
		for text := range bytes.Lines(body) {
			if at++; len(bytes.TrimSpace(text)) == 0 {
				continue
			}
			if len(list) == 0 || list[0].Line != at {
				t.Fatalf("no result for line %d", at)
			}
			if list[0].Status == http.StatusOK {
				distinct[list[0].ID+string(bytes.TrimSpace(text))] = true
				taken++
			} else if list[0].Status > 499 || list[0].Code == "" {
				t.Errorf("line %d: %+v", at, list[0])
			}
			list = list[1:]
		}
		n := int(e.Counts().Accepted - accepted)
		if len(list) > 0 || !last.Complete || last.Accepted != taken || n < len(distinct) || n > taken {
			t.Errorf("%d results too many, %d lines taken, %d statements, %d counted, %+v", len(list), taken, len(distinct), n, last)
		}
		if m := len(e.out.topic(topics.Statements)) - records; m > n {
			t.Errorf("%d records of %d statements", m, n)
		}
	})
}
