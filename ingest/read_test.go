package ingest

import (
	"encoding/json/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"brume/ingest/publishers"
)

// A publisher reads back what it sent, with what the receiver fills in.
func TestReadByID(t *testing.T) {
	e := newEndpoint(t, nil)
	ids(t, e.post(statement("4711", `,"id":"`+strings.ToUpper(someID)+`"`)))
	w := e.send(http.MethodGet, "/xapi/statements?statementId="+someID, "", nil)
	var got struct {
		ID        string
		Stored    time.Time
		Timestamp time.Time
		Version   string
		Actor     struct{ Account struct{ Name string } }
		Authority struct{ Account struct{ Name string } }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got, json.MatchCaseInsensitiveNames(true)); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	if !strings.EqualFold(got.ID, someID) || !got.Stored.Equal(noon) || !got.Timestamp.Equal(noon) || got.Version != "1.0.0" ||
		got.Actor.Account.Name != "4711" || got.Authority.Account.Name != "calcul" {
		t.Errorf("got %+v", got)
	}
	if h := w.Header(); h.Get("Last-Modified") != noon.Format(http.TimeFormat) || h.Get(consistentHeader) == "" || h.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", h)
	}
	head := e.send(http.MethodHead, "/xapi/statements?statementId="+someID, "", nil)
	if head.Code != http.StatusOK || head.Body.Len() > 0 || head.Header().Get("Content-Length") != w.Header().Get("Content-Length") {
		t.Errorf("HEAD: %d %v", head.Code, head.Header())
	}
	e.keys.publisher.Number = 8
	if w := e.send(http.MethodGet, "/xapi/statements?statementId="+someID, "", nil); code(w) != "read.unknown" {
		t.Errorf("another publisher reads it: %d", w.Code)
	}
}

// Read-back 0 keeps nothing.
func TestReadOff(t *testing.T) {
	e := newEndpoint(t, func(c *Config, _ *Deps) { c.Readback = 0 })
	ids(t, e.post(statement("1", `,"id":"`+someID+`"`)))
	if w := e.send(http.MethodGet, "/xapi/statements?statementId="+someID, "", nil); w.Code != http.StatusNotFound || code(w) != "read.off" {
		t.Errorf("%d %s", w.Code, code(w))
	}
}

// A key that is bound to schools reads back what its line sent; a key without
// such limits reads all of its publisher's.
func TestReadNarrow(t *testing.T) {
	e := newEndpoint(t, nil)
	as := func(line string, narrow bool) {
		p := publishers.Publisher{Name: "calcul", Number: 7, Mapping: e.keys.publisher.Mapping, Line: line}
		if narrow {
			p.Limits = publishers.Limits{Prefixes: []string{"https://calcul.example/"}}
		}
		e.keys.publisher = p
	}
	read := func() int { return e.send(http.MethodGet, "/xapi/statements?statementId="+someID, "", nil).Code }
	as("one", true)
	ids(t, e.post(statement("1", `,"id":"`+someID+`"`)))
	for _, row := range []struct {
		line   string
		narrow bool
		want   int
	}{{"one", true, 200}, {"two", true, 404}, {"two", false, 200}, {"", true, 404}} {
		if as(row.line, row.narrow); read() != row.want {
			t.Errorf("line %q, narrow %t: got %d, want %d", row.line, row.narrow, read(), row.want)
		}
	}
}
