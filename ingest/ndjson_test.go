package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"brume/ingest/publishers"
	"brume/schemas/topics"
)

func (e *endpoint) lines(body string, edit func(*http.Request)) *httptest.ResponseRecorder {
	return e.send(http.MethodPost, "/ingest/ndjson", body, func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-ndjson")
		if edit != nil {
			edit(r)
		}
	})
}

// pack compresses, or not.
func pack(t testing.TB, encoding, text string) string {
	t.Helper()
	var b bytes.Buffer
	var z io.WriteCloser
	switch encoding {
	case "gzip":
		z = gzip.NewWriter(&b)
	case "zstd":
		var err error
		if z, err = zstd.NewWriter(&b, zstd.WithWindowSize(4<<20)); err != nil {
			t.Fatal(err)
		}
	default:
		return text
	}
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// readResults reads an answer to lines.
func readResults(t *testing.T, w *httptest.ResponseRecorder) (list []lineResult, last summary) {
	t.Helper()
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	lines := strings.Split(strings.TrimSuffix(w.Body.String(), "\n"), "\n")
	for _, text := range lines[:len(lines)-1] {
		var r lineResult
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		list = append(list, r)
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	return list, last
}

// brief is a result for each line as `1:200 2:400 format.uuid`.
func brief(list []lineResult) string {
	var b strings.Builder
	for _, r := range list {
		b.WriteString(strings.TrimSpace(fmt.Sprintf("%d:%d %s", r.Line, r.Status, r.Code)) + " ")
	}
	return strings.TrimSpace(b.String())
}

// Every line is taken or refused by itself, under its own number.
func TestLines(t *testing.T) {
	e := newEndpoint(t, nil)
	body := strings.Join([]string{
		statement("1", `,"id":"`+someID+`"`),
		statement("2", `,"id":"x"`),
		" \t",
		statement("3", "") + "\r",
		"[" + statement("4", "") + "]",
		statement("5", `,"result":{"response":"`+strings.Repeat("x", 256<<10)+`"}`),
		"not JSON",
		statement("6", "") + strings.Repeat(" ", 256<<10) + "x",
		statement("7", `,"attachments":[{"usageType":"a:b","display":{},"contentType":"a/b","length":1,"sha2":"`+strings.Repeat("a", 64)+`"}]`),
		statement("1", `,"id":"`+someID+`"`),
		statement("8", ""),
	}, "\n")
	list, last := readResults(t, e.lines(body, nil))
	const want = "1:200 2:400 format.uuid 4:200 5:400 ndjson.array 6:413 limit.statement 7:400 json.syntax 8:413 limit.statement 9:400 attachment.content 10:200 11:200"
	if d := cmp.Diff(want, brief(list)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff(summary{Lines: 10, Accepted: 4, Refused: 6, Complete: true}, last); d != "" {
		t.Errorf("summary (-want +got):\n%s", d)
	}
	if list[0].ID != someID || list[8].ID != someID || list[1].Errors[0].Pointer != "/id" || list[3].Detail == "" || list[3].DetailFR == "" {
		t.Errorf("results %+v", list)
	}
	if n := len(e.opened(t)); n != 4 {
		t.Errorf("%d events, want 4: folding knows the one that came twice", n)
	}
	if c := e.Counts(); c.Accepted != 4 || c.Refused != 6 {
		t.Errorf("counts %+v", c)
	}
}

// A line counts once, however often its block is tried: a conflict within it is
// found by halving.
func TestLinesCountOnce(t *testing.T) {
	e := newEndpoint(t, nil)
	var body strings.Builder
	named := func(hour int) string {
		return statement("1", fmt.Sprintf(`,"id":"%s","timestamp":"2026-09-14T%02d:00:00Z"`, someID, hour)) + "\n"
	}
	for i := range 500 {
		body.WriteString(statement("1", "") + "\n")
		switch i {
		case 100, 200:
			body.WriteString(named(8))
		case 300:
			body.WriteString(named(9))
		}
	}
	_, last := readResults(t, e.lines(body.String(), nil))
	if d := cmp.Diff(summary{Lines: 503, Accepted: 502, Refused: 1, Complete: true}, last); d != "" {
		t.Errorf("summary (-want +got):\n%s", d)
	}
	if c := e.Counts(); c.Accepted != 502 || c.Refused != 1 || c.Postponed != 0 {
		t.Errorf("counts %+v", c)
	}
}

// A body of several blocks is taken whole, packed or not.
func TestManyLines(t *testing.T) {
	var body strings.Builder
	for i := range 2500 {
		body.WriteString(statement(fmt.Sprint(i), fmt.Sprintf(`,"result":{"response":"%x"}`, sha256.Sum256([]byte{byte(i), byte(i >> 8)}))) + "\n")
	}
	for _, encoding := range []string{"", "gzip", "zstd"} {
		e := newEndpoint(t, nil)
		list, last := readResults(t, e.lines(pack(t, encoding, body.String()), func(r *http.Request) { r.Header.Set("Content-Encoding", encoding) }))
		if last.Accepted != 2500 || !last.Complete || len(list) != 2500 || len(e.out.topic(topics.Statements)) != 2500 {
			t.Errorf("%q: %d results, %d records, %+v", encoding, len(list), len(e.out.topic(topics.Statements)), last)
		}
	}
}

// With the header Idempotency-Key a line has the id that it has as a member of a
// batch, and the same when it is sent again.
func TestLinesAgain(t *testing.T) {
	e := newEndpoint(t, nil)
	key := func(r *http.Request) { r.Header.Set("Idempotency-Key", "7") }
	first := ids(t, e.send(http.MethodPost, "/xapi/statements", "["+statement("1", "")+","+statement("2", "")+"]", key))
	for range 2 {
		list, _ := readResults(t, e.lines(statement("1", "")+"\n"+statement("2", "")+"\n", key))
		if list[0].ID != first[0] || list[1].ID != first[1] {
			t.Errorf("ids %v, want %v", list, first)
		}
	}
}

// Requests that are not of lines, or of too many, are refused; what was taken
// before a limit was passed has its results.
func TestLinesRefused(t *testing.T) {
	e := newEndpoint(t, func(c *Config, _ *Deps) { c.Bulk, c.BulkLines = 4<<10, 3 })
	header := func(k, v string) func(*http.Request) { return func(r *http.Request) { r.Header.Set(k, v) } }
	good := statement("1", "")
	rows := []struct {
		line   int
		method string
		body   string
		edit   func(*http.Request)
		status int
		want   string // code, or results and the code of the summary
	}{
		{line(), http.MethodGet, "", nil, 405, "request.method"},
		{line(), http.MethodPut, good, nil, 405, "request.method"},
		{line(), http.MethodPost, good, header("Content-Type", "application/json"), 400, "request.content_type"},
		{line(), http.MethodPost, good, header("Authorization", "null"), 401, "request.credentials"},
		{line(), http.MethodPost, good, func(r *http.Request) { r.Header.Del(versionHeader) }, 400, "request.version"},
		{line(), http.MethodPost, good, header("Content-Encoding", "br"), 415, "request.content_encoding"},
		{line(), http.MethodPost, good, header("Content-Encoding", "zstd"), 400, "request.body"},
		{line(), http.MethodPost, good, header("Idempotency-Key", strings.Repeat("x", 256)), 400, "request.idempotency_key"},
		{line(), http.MethodPost, strings.Repeat(" ", 5<<10), nil, 413, "limit.body"},
		{line(), http.MethodPost, "", nil, 200, " "},
		{line(), http.MethodPost, "\n\n", nil, 200, " "},
		{line(), http.MethodPost, "\n\n\n" + good, nil, 413, "limit.bulk_lines"},
		{line(), http.MethodPost, good + "\n" + good + "\n\n" + good, nil, 200, "1:200 2:200 limit.bulk_lines"},
		{line(), http.MethodPost, good + "\n" + good + "\n" + strings.Repeat(" ", 5<<10), func(r *http.Request) { r.ContentLength = -1 }, 200, "1:200 2:200 limit.body"},
	}
	for _, row := range rows {
		w := e.send(row.method, "/ingest/ndjson", row.body, func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-ndjson")
			if row.edit != nil {
				row.edit(r)
			}
		})
		got := code(w)
		if w.Code == http.StatusOK {
			list, last := readResults(t, w)
			got = brief(list) + " " + last.Code
			if last.Complete != (last.Code == "") {
				t.Errorf("line %d: %+v", row.line, last)
			}
		}
		if w.Code != row.status || got != row.want {
			t.Errorf("line %d: got %d %s, want %d %s", row.line, w.Code, got, row.status, row.want)
		}
	}
}

// A body that is cut has results for the lines that came whole.
func TestLinesCut(t *testing.T) {
	e := newEndpoint(t, nil)
	cut := io.MultiReader(strings.NewReader(statement("1", "")+"\n"+statement("2", "")), iotest.ErrReader(io.ErrUnexpectedEOF))
	list, last := readResults(t, e.lines("", func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(cut), -1 }))
	if brief(list) != "1:200" || last.Complete || last.Code != "request.body" {
		t.Errorf("%s, %+v", brief(list), last)
	}
	if n := len(e.opened(t)); n != 1 {
		t.Errorf("%d events", n)
	}
}

// No line is said to be taken that the broker does not have. When it has none,
// the request is answered as a whole.
func TestLinesWithoutBroker(t *testing.T) {
	var body strings.Builder
	for i := range 3000 {
		body.WriteString(statement(fmt.Sprint(i), "") + "\n")
	}
	for failing := range 4 {
		calls, e := 0, newEndpoint(t, func(c *Config, _ *Deps) { c.Partitions = 1 })
		e.out.before = func() error {
			if calls++; calls > failing {
				return errors.New("broker away")
			}
			return nil
		}
		w := e.lines(body.String(), nil)
		if failing == 0 {
			if w.Code != http.StatusServiceUnavailable || code(w) != "unavailable.broker" || w.Header().Get("Retry-After") == "" || calls != 1 {
				t.Errorf("nothing taken: %d %s after %d calls", w.Code, w.Body, calls)
			}
			continue
		}
		list, last := readResults(t, w)
		for _, r := range list {
			if taken := r.Line <= 1000*failing; taken != (r.Status == 200) || !taken && (r.Status != 503 || r.ID != "") {
				t.Fatalf("%d blocks taken: %+v", failing, r)
			}
		}
		if last.Accepted != 1000*failing || last.Postponed != 3000-last.Accepted || last.Refused != 0 || !last.Complete || len(list) != 3000 {
			t.Errorf("%d blocks taken: %+v", failing, last)
		}
		if n := int64(len(e.out.topic(topics.Statements))); n != int64(last.Accepted) || e.Counts().Accepted != n || e.Counts().Postponed != int64(last.Postponed) {
			t.Errorf("%d blocks taken: %d records, %+v", failing, n, e.Counts())
		}
		if (w.Header().Get("Retry-After") == "") != (failing == 3) {
			t.Errorf("%d blocks taken: Retry-After %q", failing, w.Header().Get("Retry-After"))
		}
	}
}

// What the key may not send is refused by line, and a rate postpones the rest.
func TestLinesWithinLimits(t *testing.T) {
	e := newEndpoint(t, nil)
	e.keys.publisher.Limits = publishers.Limits{Prefixes: []string{"https://calcul.example/"}}
	other := strings.Replace(statement("2", ""), "https://calcul.example/", "https://other.example/", 1)
	list, _ := readResults(t, e.lines(statement("1", "")+"\n"+other+"\n"+statement("3", ""), nil))
	if got := brief(list); got != "1:200 2:403 forbidden.prefix 3:200" || list[1].Errors[0].Pointer != "" {
		t.Errorf("got %s", got)
	}
	if c := e.Counts(); c.Accepted != 2 || c.Refused != 1 {
		t.Errorf("counts %+v", c)
	}
}

// A sandbox key's lines are checked and produced nowhere.
func TestLinesOfSandbox(t *testing.T) {
	e := newEndpoint(t, nil)
	e.keys.publisher.Sandbox = true
	list, _ := readResults(t, e.lines(statement("1", "")+"\n{}", nil))
	if got := brief(list); got != "1:200 2:400 property.missing" || len(e.out.topic(topics.Statements)) > 0 {
		t.Errorf("got %s", got)
	}
}

// Lines are cut at line ends and nowhere else, whatever reads they come in.
func TestSplitter(t *testing.T) {
	for _, body := range []string{"", "\n", "a", "a\n", "a\r\nb", "\r\n\n", "aaaa\nbbbbb\nc", "aaaaaaaaaaaaaaa\nb\n", "aaaaaaaaaaaaaaa"} {
		var want []string
		for text := range strings.Lines(body) {
			if text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"); len(text) > 14 {
				text = "too long"
			}
			want = append(want, text)
		}
		var got []string
		in := newSplitter(iotest.OneByteReader(strings.NewReader(body)), 14)
		for {
			text, err := in.next()
			if err != nil {
				break
			}
			if text == nil {
				text = []byte("too long")
			}
			got = append(got, string(text))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", body, d)
		}
	}
}

// liveAt notes how much memory is held while a block is produced.
type liveAt struct{ most uint64 }

func (l *liveAt) Produce(context.Context, string, int, ...[]byte) error {
	l.most = max(l.most, live())
	return nil
}

func live() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// However long a body of lines, at most 8 MiB are held for it: of good lines, of
// lines with as many faults as are reported, and packed with the largest window.
func TestLinesMemory(t *testing.T) {
	noise, text := rand.NewChaCha8([32]byte{1}), make([]byte, 1500)
	good := func(i int) string {
		_, _ = noise.Read(text)
		return statement(fmt.Sprint(i), fmt.Sprintf(`,"result":{"response":"%x"}`, text))
	}
	bad := func(i int) string {
		if i%100 == 0 { // or nothing is produced, and nothing measured
			return good(i)
		}
		return `{"id":1,"actor":1,"verb":1,"object":1,"result":1,"timestamp":1,"stored":1}`
	}
	rows := []struct {
		name, encoding string
		line           func(int) string
	}{{"good", "", good}, {"good", "gzip", good}, {"good", "zstd", good}, {"bad", "", bad}}
	for _, row := range rows {
		var body strings.Builder
		for i := range 6000 {
			body.WriteString(row.line(i) + "\n")
		}
		text := body.String()
		if row.encoding != "" {
			text = pack(t, row.encoding, text)
		}
		body.Reset()
		l := &liveAt{}
		e := newEndpoint(t, func(c *Config, d *Deps) { d.Producer, c.Partitions, c.Readback = l, 1, 0 })
		before := live()
		w := e.lines(text, func(r *http.Request) { r.Header.Set("Content-Encoding", row.encoding) })
		if held := int64(l.most) - int64(before); w.Code != http.StatusOK || l.most == 0 || held > 8<<20 {
			t.Errorf("%s, %q, %d KiB: %d, %d KiB held", row.name, row.encoding, len(text)>>10, w.Code, held>>10)
		}
	}
}
