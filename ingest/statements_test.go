package ingest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"brume/ingest/publishers"
	"brume/internal/kafka"
	"brume/schemas/event"
	"brume/schemas/topics"
)

// Every way in which a request is not taken has its status and its code, and
// nothing is produced.
func TestRefusedRequests(t *testing.T) {
	const post, put, at = http.MethodPost, http.MethodPut, "/xapi/statements"
	header := func(k, v string) func(*http.Request) { return func(r *http.Request) { r.Header.Set(k, v) } }
	good := statement("4711", "")
	rows := []struct {
		line        int
		method, url string
		body        string
		edit        func(*http.Request)
		status      int
		code        string
		mustHave    string // header
	}{
		{line(), post, at, good, func(r *http.Request) { r.Header.Del("Authorization") }, 401, "request.credentials", "WWW-Authenticate"},
		{line(), post, at, good, func(r *http.Request) { r.SetBasicAuth("key", "wrong") }, 401, "request.credentials", "WWW-Authenticate"},
		{line(), post, at, good, header("Authorization", "null"), 401, "request.credentials", "WWW-Authenticate"},
		{line(), post, at, good, func(r *http.Request) { r.Header.Del(versionHeader) }, 400, "request.version", ""},
		{line(), post, at, good, header(versionHeader, "0.95"), 400, "request.version", ""},
		{line(), post, at, good, header(versionHeader, "1.1.0"), 400, "request.version", ""},
		{line(), post, at, good, header(versionHeader, "1.0.x"), 400, "request.version", ""},
		{line(), post, at, good, header("Content-Type", "text/plain"), 400, "request.content_type", ""},
		{line(), post, at, good, func(r *http.Request) { r.Header.Del("Content-Type") }, 400, "request.content_type", ""},
		{line(), post, at, good, header("Content-Encoding", "br"), 415, "request.content_encoding", ""},
		{line(), post, at, good, header("Content-Encoding", "gzip"), 400, "request.body", ""},
		{line(), post, at + "?statementId=" + someID, good, nil, 400, "request.parameter", ""},
		{line(), post, at, good, header("Idempotency-Key", strings.Repeat("x", 256)), 400, "request.idempotency_key", ""},
		{line(), put, at, good, nil, 400, "request.parameter", ""},
		{line(), put, at + "?statementId=12", good, nil, 400, "request.parameter", ""},
		{line(), put, at + "?statementId=" + someID + "&x=1", good, nil, 400, "request.parameter", ""},
		{line(), put, at + "?statementId=" + someID, "[" + good + "]", nil, 400, "request.put_batch", ""},
		{line(), put, at + "?statementId=" + someID, statement("1", `,"id":"00000000-e920-4a68-a066-917faca28949"`), nil, 400, "request.put_id", ""},
		{line(), post, at, "", nil, 400, "json.syntax", ""},
		{line(), post, at, "[" + good + "," + statement("1", `,"id":"x"`) + "]", nil, 400, "format.uuid", ""},
		{line(), post, at, strings.Repeat(" ", 8<<20) + good, nil, 413, "limit.body", ""},
		{line(), post, at, statement("4711", `,"result":{"response":"`+strings.Repeat("x", 256<<10)+`"}`), nil, 413, "limit.statement", ""},
		{line(), post, at, "[" + strings.Repeat(good+",", 1000) + good + "]", nil, 413, "limit.batch", ""},
		{line(), post, at, statement("4711", `,"context":{"extensions":{"a:b":`+strings.Repeat("[", 40)+strings.Repeat("]", 40)+`}}`), nil, 400, "limit.depth", ""},
		{line(), post, at, statement("4711", `,"context":{"contextAgents":[]}`), nil, 400, "property.unknown", ""},
		{line(), http.MethodGet, at, "", func(r *http.Request) { r.Header.Del("Authorization") }, 401, "request.credentials", "WWW-Authenticate"},
		{line(), http.MethodGet, at + "?statementId=12", "", nil, 400, "read.value", ""},
		{line(), http.MethodGet, at + "?agent=%7B%7D", "", nil, 400, "read.agent", ""},
		{line(), http.MethodGet, at + "?x=%zz", "", nil, 400, "read.parameter", ""},
		{line(), http.MethodGet, at + "?statementID=" + someID, "", nil, 400, "read.parameter", ""},
		{line(), http.MethodGet, at + "?limit=1&statementId=" + someID, "", nil, 400, "read.combination", ""},
		{line(), http.MethodGet, at + "?more=AAAA", "", nil, 400, "read.more", ""},
		{line(), http.MethodGet, at + "?verb=" + strings.Repeat("x", 5000), "", nil, 414, "limit.query", ""},
		{line(), http.MethodGet, at + "?statementId=" + someID, "", nil, 404, "read.unknown", ""},
		{line(), http.MethodDelete, at, "", nil, 405, "request.method", "Allow"},
		{line(), post, "/xapi/about", "", nil, 405, "request.method", "Allow"},
		{line(), http.MethodGet, "/xapi/activities/state", "", nil, 404, "resource.declined", ""},
		{line(), put, "/xapi/agents/profile", "", nil, 404, "resource.declined", ""},
		{line(), http.MethodGet, "/xapi/activities", "", func(r *http.Request) { r.Header.Del(versionHeader) }, 400, "request.version", ""},
		{line(), http.MethodGet, "/xapi/nothing", "", nil, 404, "resource.unknown", ""},
		{line(), post, at + "?Authorization=Basic%20a2V5OnNlY3JldA==", good, nil, 400, "request.credentials_in_url", ""},
		{line(), http.MethodGet, "/xapi/about?access_token=x", "", nil, 400, "request.credentials_in_url", ""},
		{line(), post, "http://key:secret@example.com" + at, good, nil, 400, "request.credentials_in_url", ""},
	}
	e := newEndpoint(t, nil)
	for _, row := range rows {
		w := e.send(row.method, row.url, row.body, row.edit)
		if w.Code != row.status || code(w) != row.code {
			t.Errorf("line %d: got %d %s, want %d %s", row.line, w.Code, code(w), row.status, row.code)
		}
		if w.Header().Get(versionHeader) == "" || w.Header().Get(consistentHeader) == "" || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("line %d: headers %v", row.line, w.Header())
		}
		if row.mustHave != "" && w.Header().Get(row.mustHave) == "" {
			t.Errorf("line %d: no header %s", row.line, row.mustHave)
		}
	}
	if n := len(e.out.topic(topics.Statements)); n > 0 {
		t.Errorf("%d records were produced", n)
	}
	if c := e.Counts(); c.Accepted != 0 || c.Refused == 0 {
		t.Errorf("counts %+v", c)
	}
}

func TestTaken(t *testing.T) {
	e := newEndpoint(t, nil)
	batch := "[" + statement("1", `,"id":"`+someID+`"`) + "," + statement("2", "") + "," + statement("1", "") + "]"
	w := e.post(batch)
	list := ids(t, w)
	if len(list) != 3 || list[0] != someID || list[1] == list[2] || w.Header().Get(versionHeader) != version1 {
		t.Errorf("answer %v, headers %v", list, w.Header())
	}
	events := e.opened(t)
	if len(events) != 3 {
		t.Fatalf("%d events, want 3", len(events))
	}
	for _, r := range events {
		if r.Publisher != 7 || r.Received != noon.Unix() {
			t.Errorf("publisher %d, received %d", r.Publisher, r.Received)
		}
	}
	if !slices.ContainsFunc(events, func(r event.Event) bool { return r.Fingerprint == fingerprint(7, someID) }) {
		t.Error("no event has the fingerprint of the id")
	}
	for _, r := range e.out.topic(topics.Statements) {
		ev, err := event.NewOpener(e.pair).Open(r.value, r.partition)
		if err != nil || routing(ev.Actor.Reveal(), 4) != r.partition {
			t.Errorf("partition %d: %v", r.partition, err)
		}
	}
	w = e.send(http.MethodPut, "/xapi/statements?statementId="+strings.ToUpper(someID), statement("1", ""), func(r *http.Request) { r.Header.Set(versionHeader, "2.0.0") })
	if w.Code != http.StatusNoContent || w.Body.Len() > 0 || w.Header().Get(versionHeader) != version2 {
		t.Errorf("PUT: %d %q %v", w.Code, w.Body, w.Header())
	}
	if e.opened(t)[3].Fingerprint != fingerprint(7, someID) {
		t.Error("PUT: the fingerprint is not that of statementId")
	}
	if got := ids(t, e.post("[]")); len(got) != 0 {
		t.Errorf("empty batch: %v", got)
	}
	if w := e.send(http.MethodGet, "/xapi/about", "", func(r *http.Request) { r.Header = http.Header{} }); w.Code != 200 || !strings.Contains(w.Body.String(), version2) {
		t.Errorf("about: %d %s", w.Code, w.Body)
	}
	if c := e.Counts(); c.Accepted != 4 || c.Received != 4 {
		t.Errorf("counts %+v", c)
	}
}

// Statements without an id get one that survives a repeat when it can.
func TestIDs(t *testing.T) {
	e := newEndpoint(t, nil)
	keyed := func(key string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Idempotency-Key", key) }
	}
	send := func(body string, edit func(*http.Request)) string {
		return fmt.Sprint(ids(t, e.send(http.MethodPost, "/xapi/statements", body, edit)))
	}
	two := "[" + statement("1", "") + "," + statement("1", "") + "]"
	timed := statement("1", `,"timestamp":"2026-09-14T09:59:59Z"`)
	a, b, c := send(two, keyed("a")), send(two, keyed("a")), send(two, keyed("b"))
	if a != b || a == c {
		t.Errorf("Idempotency-Key: %s %s %s", a, b, c)
	}
	if x, y, _ := strings.Cut(strings.Trim(a, "[]"), " "); x == y || x[14] != '8' {
		t.Errorf("places in a batch: %s", a)
	}
	before := send(timed, nil)
	if again := send(timed, nil); again != before {
		t.Error("a body with a timestamp changes its id")
	}
	if other := send(strings.Replace(timed, `"1"`, `"2"`, 1), nil); other == before {
		t.Error("two bodies with a timestamp share an id")
	}
	first := send(statement("1", ""), nil)
	if second := send(statement("1", ""), nil); second == first {
		t.Error("bodies without timestamp share an id")
	}
	e.keys.publisher.Number = 8
	if send(timed, nil) == before {
		t.Error("two publishers share an id")
	}
}

// What is not folded is acknowledged, counted and not produced.
func TestDropped(t *testing.T) {
	e := newEndpoint(t, nil)
	group := strings.Replace(statement("1", ""), `{"account"`, `{"objectType":"Group","account"`, 1)
	teacher := statement("1", `,"context":{"extensions":{"https://brume.example/xapi/extensions/role":"teacher"}}`)
	ids(t, e.post("["+group+","+teacher+","+statement("1", "")+","+group+"]"))
	if c := e.Counts(); c.Accepted != 4 || c.Dropped["group_actor"] != 2 || c.Dropped["teacher"] != 1 {
		t.Errorf("counts %+v", c)
	}
	if n := len(e.opened(t)); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

func TestUnavailable(t *testing.T) {
	rows := []struct {
		line int
		edit func(e *endpoint)
		code string
	}{
		{line(), func(e *endpoint) { e.keys.err = publishers.ErrNotReady }, "unavailable.starting"},
		{line(), func(e *endpoint) { e.keys.publisher.Mapping = nil }, "unavailable.mapping"},
		{line(), func(e *endpoint) { e.pair.public.NotAfter = noon }, "unavailable.sealing_key"},
		{line(), func(e *endpoint) { e.out.before = func() error { return fmt.Errorf("x: %w", kafka.ErrBusy) } }, "unavailable.busy"},
		{line(), func(e *endpoint) { e.out.before = func() error { return fmt.Errorf("x: %w", kafka.ErrUnavailable) } }, "unavailable.broker"},
		{line(), func(e *endpoint) { e.slots = make(chan struct{}) }, "unavailable.busy"},
		{line(), func(e *endpoint) {
			n := 0
			e.out.before = func() error {
				e.out.mu.Lock()
				defer e.out.mu.Unlock()
				if n++; n == 2 {
					return errors.New("second partition")
				}
				return nil
			}
		}, "unavailable.broker"},
	}
	for _, row := range rows {
		e := newEndpoint(t, nil)
		row.edit(e)
		w := e.post("[" + statement("1", "") + "," + statement("2", "") + "," + statement("3", "") + "]")
		if w.Code != http.StatusServiceUnavailable || code(w) != row.code || w.Header().Get("Retry-After") == "" {
			t.Errorf("line %d: got %d %s, Retry-After %q; want 503 %s", row.line, w.Code, code(w), w.Header().Get("Retry-After"), row.code)
		}
		if c := e.Counts(); c.Accepted != 0 || c.Refused != 0 {
			t.Errorf("line %d: counts %+v", row.line, c)
		}
	}
}

// The answer waits for the broker.
func TestAnswerWaits(t *testing.T) {
	e := newEndpoint(t, nil)
	asked, release := make(chan struct{}), make(chan struct{})
	e.out.before = func() error {
		close(asked)
		<-release
		return nil
	}
	answered := make(chan int, 1)
	go func() { answered <- e.post(statement("1", "")).Code }()
	<-asked
	select {
	case status := <-answered:
		t.Fatalf("answered %d before the broker", status)
	default:
	}
	close(release)
	if status := <-answered; status != http.StatusOK {
		t.Errorf("status %d", status)
	}
}

func TestGzip(t *testing.T) {
	packed := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
		return b.String()
	}
	rows := []struct {
		line   int
		body   string
		status int
		code   string
	}{
		{line(), packed(statement("1", "")), 200, ""},
		{line(), packed("[" + strings.Repeat(" ", 1<<20) + statement("1", "") + "]"), 413, "limit.gzip_ratio"},
		{line(), packed(strings.Repeat(" ", 9<<20)), 413, "limit.gzip_ratio"},
		{line(), packed(statement("1", ""))[:40], 400, "request.body"},
	}
	e := newEndpoint(t, nil)
	for _, row := range rows {
		w := e.send(http.MethodPost, "/xapi/statements", row.body, func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") })
		if w.Code != row.status || code(w) != row.code {
			t.Errorf("line %d: got %d %s, want %d %s", row.line, w.Code, code(w), row.status, row.code)
		}
	}
}

func TestConfigFaults(t *testing.T) {
	_, err := New(Config{}, Deps{})
	for _, want := range []string{"partitions", "clock", "instance", "body", "gzip_ratio", "statement", "batch", "depth", "requests",
		"acknowledge", "quality", "no Producer", "no Sealer", "no Routing", "no Fingerprint", "no Publishers", "no Registry"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("does not say %s: %v", want, err)
		}
	}
}

// Whoever names no version is refused in the line that they spoke last.
func TestVersionOfRefusal(t *testing.T) {
	e := newEndpoint(t, nil)
	say := func(version string) string {
		return e.send(http.MethodPost, "/xapi/statements", "[]", func(r *http.Request) { r.Header.Set(versionHeader, version) }).Header().Get(versionHeader)
	}
	for _, row := range []struct{ version, want string }{
		{"", version2}, {"1.0", version1}, {"", version1}, {"1.1.0", version1}, {"2.0.0", version2}, {"", version2}, {"1.0.9", version1}, {"2.0", version2}, {"0.95", version2},
	} {
		if got := say(row.version); got != row.want {
			t.Errorf("%q: answered %q, want %q", row.version, got, row.want)
		}
	}
	e.keys.publisher.Number = 8
	say("1.0.3")
	e.keys.publisher.Number = 7
	if got := say(""); got != version2 {
		t.Errorf("another publisher's line: %q", got)
	}
}

// About answers anybody, also browsers that send the header Authorization: null.
func TestAbout(t *testing.T) {
	e := newEndpoint(t, nil)
	for _, authorization := range []string{"null", "Basic eDp5", ""} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := e.send(method, "/xapi/about", "", func(r *http.Request) { r.Header = http.Header{"Authorization": {authorization}} })
			if w.Code != http.StatusOK || w.Header().Get(versionHeader) != version2 || w.Header().Get(consistentHeader) == "" {
				t.Errorf("%s with Authorization %q: %d %v", method, authorization, w.Code, w.Header())
			}
		}
	}
}
