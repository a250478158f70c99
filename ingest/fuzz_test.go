package ingest

import (
	"net/http"
	"testing"

	"brume/schemas/topics"
)

// Whatever the body, the answer is 200 or a problem that is the client's, and
// only a 200 leaves anything behind.
func FuzzBody(f *testing.F) {
	f.Add([]byte(statement("1", "")), false)
	f.Add([]byte("["+statement("1", `,"timestamp":"2026-09-14T09:59:59Z"`)+"]"), false)
	f.Add([]byte(newCaged().statement(0, false, true)), false)
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), true)
	f.Fuzz(func(t *testing.T, body []byte, gzip bool) {
		e := newEndpoint(t, nil)
		w := e.send(http.MethodPost, "/xapi/statements", string(body), func(r *http.Request) {
			if gzip {
				r.Header.Set("Content-Encoding", "gzip")
			}
		})
		switch {
		case w.Code == http.StatusOK:
			ids(t, w)
		case w.Code < 400 || w.Code > 499 || code(w) == "":
			t.Errorf("status %d, code %q", w.Code, code(w))
		case len(e.out.topic(topics.Statements)) > 0:
			t.Error("a refused request was produced")
		}
	})
}
