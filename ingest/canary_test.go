package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"brume/ingest/publishers"
	"brume/internal/testenv/canary"
	"brume/schemas/topics"
)

const ext = "https://brume.example/xapi/extensions/"

// whole is a statement with a canary in every field that lets text in: ‹…›
// names the field. Words in capitals stand for what differs.
const whole = `{"id":"ID","actor":{"objectType":"Agent","name":"‹actor name›","account":{"homePage":"https://‹actor home page›.example","name":"‹actor account›"}},
"verb":{"id":"https://‹verb›.example/verb","display":{"fr":"‹verb display›"}},"object":OBJECT,
"result":{"response":"‹response›","score":{"raw":41.7309,"min":1.7309,"max":97.7309},"extensions":{"a:‹result extension key›":"‹result extension›"}},
"context":{"registration":"REGISTRATION","instructor":{"name":"‹instructor›","mbox":"mailto:‹instructor mbox›@‹instructor host›.example"},
 "team":{"objectType":"Group","name":"‹team›","mbox":"mailto:‹team mbox›@b.example","member":[{"name":"‹member›","openid":"https://‹member openid›.example"},
 {"mbox_sha1sum":"SHA1"}]},ABOUT"statement":{"objectType":"StatementRef","id":"REGISTRATION"},
 "contextActivities":{"parent":{"id":"a:‹parent›","definition":{"name":{"fr":"‹parent name›"},"extensions":{"a:‹parent extension key›":"‹parent extension›"}}},
 "grouping":[{"id":"https://brume.example/school/‹school›"},{"id":"https://brume.example/level/‹level grouping›"}],"category":[{"id":"a:‹category›"}],"other":[{"id":"a:‹other›"}]},
 "extensions":{"` + ext + `uai":"‹uai›","` + ext + `level":"‹level›","` + ext + `subject":"‹subject›","` + ext + `role":"‹role›",
 "a:‹context extension key›":{"‹inner key›":["‹inner value›"]}}MORE},
"authority":{"name":"‹authority›","mbox":"mailto:‹authority mbox›@‹authority host›.example"},
"attachments":[{"usageType":"a:‹usage›","display":{"fr":"‹attachment›"},"description":{"fr":"‹attachment description›"},"contentType":"x/‹content type›","length":LENGTH,"sha2":"SHA2"FILE}]}`

// objects are the kinds of object.
var objects = []string{
	`{"id":"https://‹object›.example/object","definition":{"name":{"fr":"‹object name›"},"description":{"fr":"‹object description›"},"type":"a:‹object type›",
 "moreInfo":"https://‹more info›.example","interactionType":"choice","correctResponsesPattern":["‹correct response›"],
 "choices":[{"id":"‹choice›","description":{"fr":"‹choice description›"}}],"extensions":{"a:‹object extension key›":"‹object extension›","` + ext + `activity-subject":"‹activity subject›"}}}`,
	`{"id":"a:b","definition":{"interactionType":"matching","source":[{"id":"‹source›","description":{"fr":"‹source description›"}}],"target":[{"id":"‹target›","description":{"fr":"‹target description›"}}]}}`,
	`{"id":"a:b","definition":{"interactionType":"likert","scale":[{"id":"‹scale›","description":{"fr":"‹scale description›"}}]}}`,
	`{"id":"a:b","definition":{"interactionType":"performance","steps":[{"id":"‹step›","description":{"fr":"‹step description›"}}]}}`,
	`{"objectType":"Agent","name":"‹object agent›","mbox":"mailto:‹object agent mbox›@b.example"}`,
	`{"objectType":"Group","name":"‹object group›","member":[{"account":{"homePage":"https://‹object member home page›.example","name":"‹object member›"}}]}`,
	`{"objectType":"StatementRef","id":"REGISTRATION"}`,
	`{"objectType":"SubStatement","actor":{"name":"‹sub actor›","mbox":"mailto:‹sub actor mbox›@b.example"},"verb":{"id":"a:‹sub verb›"},"object":{"id":"a:‹sub object›"},
 "result":{"response":"‹sub response›"},"context":{"platform":"‹sub platform›","extensions":{"a:‹sub extension key›":"‹sub extension›"}}}`,
}

// contextV2 are the fields that 2.0 adds to a context.
const contextV2 = `,"contextAgents":[{"objectType":"contextAgent","agent":{"name":"‹context agent›","mbox":"mailto:‹context agent mbox›@b.example"},"relevantTypes":["a:‹agent type›"]}],
"contextGroups":[{"objectType":"contextGroup","group":{"objectType":"Group","name":"‹context group›","member":[{"name":"‹context group member›","mbox":"mailto:‹context group mbox›@b.example"}]},"relevantTypes":["a:‹group type›"]}]`

// Values that name somebody and can hold no canary.
const (
	registration = "5a7c0ffe-e000-4000-8000-4711471147aa"
	sha1Sum      = "0123456789abcdef0123456789abcdefcafe4711"
)

var field = regexp.MustCompile(`‹([^›]+)›`)

// caged is what the canary test sends: statements by the version of their
// request, and the contents of their attachment.
type caged struct {
	cage    *canary.Cage
	content string
	sha2    string
	sent    int
}

func newCaged() *caged {
	c := &caged{cage: &canary.Cage{}}
	c.content = c.cage.Of("attachment content")
	sum := sha256.Sum256([]byte(c.content))
	c.sha2 = hex.EncodeToString(sum[:])
	return c
}

// statement makes a statement with an id of its own. With a file its attachment
// lies elsewhere; otherwise its content follows.
func (c *caged) statement(object int, v2, file bool) string {
	c.sent++
	about, more, url := "", "", ""
	if strings.HasPrefix(objects[object], `{"id"`) {
		about = `"revision":"‹revision›","platform":"‹platform›",` // of activities only
	}
	if v2 {
		more = contextV2
	}
	if file {
		url = `,"fileUrl":"https://‹file›.example"`
	}
	text := strings.NewReplacer("OBJECT", objects[object], "ABOUT", about, "MORE", more, "FILE", url).Replace(whole)
	text = field.ReplaceAllStringFunc(text, func(name string) string { return c.cage.Of(strings.Trim(name, "‹›")) })
	return strings.NewReplacer("ID", fmt.Sprintf("9dc99b37-e920-4a68-a066-%012d", c.sent), "REGISTRATION", registration,
		"SHA1", sha1Sum, "SHA2", c.sha2, "LENGTH", fmt.Sprint(len(c.content))).Replace(text)
}

func (c *caged) multipart(statement string) string {
	return "--b\r\nContent-Type: application/json\r\n\r\n" + statement + "\r\n--b\r\nContent-Type: x/" + c.cage.Of("content type") +
		"\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: " + c.sha2 + "\r\n\r\n" + c.content + "\r\n--b--\r\n"
}

// look reports every canary in a text.
func (c *caged) look(t *testing.T, place string, text []byte) {
	t.Helper()
	if how, at := canary.Find(text); at >= 0 {
		t.Errorf("%s holds %v %s: %s", place, c.cage.Fields(text), how, canary.Around(text, at))
	}
	for name, value := range map[string]string{"the registration": registration, "an address's digest": sha1Sum, "a content's digest": c.sha2} {
		if bytes.Contains(bytes.ToLower(text), []byte(value)) {
			t.Errorf("%s holds %s", place, name)
		}
	}
}

// way is how statements come in.
type way struct {
	name, method, url string
	pack              func(*caged, string) string
	edit              func(*http.Request)
	v1                bool // of 1.0.x only
	inline            bool // the attachment's content follows
}

func ways() []way {
	kind := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Content-Type", value) }
	}
	asIs := func(_ *caged, s string) string { return s }
	form := func(_ *caged, s string) string {
		return url.Values{"Content-Type": {"application/json"}, "content": {s}}.Encode()
	}
	const at, ofForm = "/xapi/statements", "application/x-www-form-urlencoded"
	return []way{
		{"POST", http.MethodPost, at, asIs, nil, false, false},
		{"batch", http.MethodPost, at, func(_ *caged, s string) string { return "[" + s + "]" }, nil, false, false},
		{"PUT", http.MethodPut, at + "?statementId=", asIs, nil, false, false},
		{"gzip", http.MethodPost, at, func(_ *caged, s string) string { return zipped(s) }, func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, false, false},
		{"multipart", http.MethodPost, at, (*caged).multipart, kind("multipart/mixed; boundary=b"), false, true},
		{"alternate POST", http.MethodPost, at + "?method=POST", form, kind(ofForm), true, false},
		{"alternate PUT", http.MethodPost, at + "?method=PUT", func(c *caged, s string) string { return form(c, s) + "&statementId=" + idOf(s) }, kind(ofForm), true, false},
		{"validate", http.MethodPost, "/xapi/validate", asIs, nil, false, false},
		{"ndjson", http.MethodPost, "/ingest/ndjson", func(_ *caged, s string) string { return strings.ReplaceAll(s, "\n", "") + "\n" }, kind("application/x-ndjson"), false, false},
	}
}

var idIn = regexp.MustCompile(`[0-9a-f]{8}-e920-4a68-a066-[0-9]{12}`)

func idOf(statement string) string { return idIn.FindString(statement) }

// in sends a statement one way and returns the whole answer.
func (e *endpoint) in(c *caged, w way, statement string, v2 bool, edits ...func(*http.Request)) (*httptest.ResponseRecorder, []byte) {
	at := w.url
	if strings.HasSuffix(at, "statementId=") {
		at += idOf(statement)
	}
	answer := e.send(w.method, at, w.pack(c, statement), func(r *http.Request) {
		if v2 {
			r.Header.Set(versionHeader, version2)
		}
		for _, edit := range append(slices.Clone(edits), w.edit) {
			if edit != nil {
				edit(r)
			}
		}
	})
	return answer, fmt.Appendf(nil, "%v\n%s", answer.Header(), answer.Body)
}

var quoted = regexp.MustCompile(`"[^"]*` + canary.Stem + `[^"]*"`)

// broken are variants of a statement that break a rule, each with its canaries.
func broken(statement string) (all []string) {
	for i := range statement {
		if statement[i] == ',' {
			all = append(all, statement[:i]+`,"`+canary.Stem+`":null`+statement[i:])
		}
	}
	for _, at := range quoted.FindAllStringIndex(statement, -1) {
		value := statement[at[0]:at[1]]
		for _, other := range []string{"[" + value + "]", "{" + value + ":" + value + "}", value[:len(value)-1], value + "," + value, value + ":" + value, value + " " + canary.Stem} {
			all = append(all, statement[:at[0]]+other+statement[at[1]:])
		}
	}
	return all
}

// strangers are headers and addresses with canaries of their own.
func strangers() []func(*http.Request) {
	var all []func(*http.Request)
	for _, name := range []string{"User-Agent", "Referer", "Origin", "Cookie", "X-Name", "Accept-Language", "If-Match", "Idempotency-Key",
		"Content-Type", "Content-Encoding", versionHeader, "Authorization", "X-Forwarded-For", "Forwarded", "X-Request-Id", "Traceparent"} {
		for _, value := range []string{canary.Stem, "Bearer " + canary.Stem, "application/json; charset=" + canary.Stem, "1.0." + canary.Stem} {
			all = append(all, func(r *http.Request) { r.Header.Set(name, value) })
		}
	}
	return append(all,
		func(r *http.Request) { r.SetBasicAuth(canary.Stem, canary.Stem) },
		func(r *http.Request) { r.URL.RawQuery = canary.Stem + "=" + canary.Stem },
		func(r *http.Request) { r.URL.RawQuery = "statementId=" + canary.Stem },
		func(r *http.Request) { r.URL.RawQuery = "token=" + canary.Stem },
		func(r *http.Request) { r.URL.RawQuery = "method=" + canary.Stem },
		func(r *http.Request) { r.URL.RawQuery = "%" + canary.Stem },
		func(r *http.Request) { r.URL.Path = "/xapi/" + canary.Stem },
		func(r *http.Request) { r.URL.Path = "/publishers/" + canary.Stem },
		func(r *http.Request) { r.Method = strings.ToUpper(canary.Stem) },
		func(r *http.Request) { r.Method = http.MethodGet; r.URL.RawQuery = "agent=" + canary.Stem },
		func(r *http.Request) { r.Method = http.MethodGet; r.URL.RawQuery = "more=" + canary.Stem },
		func(r *http.Request) { r.Method = http.MethodGet; r.URL.RawQuery = "verb=" + canary.Stem })
}

// ★ After ingestion the canonical actor is inside sealed records only, and no
// other value is anywhere: not in opened records, other topics, logs, metrics,
// counts or answers, however the statement came, taken or refused. What can be
// read back is read by its publisher alone, and for a while.
func TestCanary(t *testing.T) {
	at := noon
	e := newEndpoint(t, func(_ *Config, d *Deps) { d.Now = func() time.Time { return at } })
	c := newCaged()
	taken := e.sendCanaries(t, c)
	readers := e.readCanaries(t, c, taken)
	e.keys.publisher.Number = 7
	at = at.Add(16 * time.Minute)
	for _, id := range readers {
		w := e.send(http.MethodGet, "/xapi/statements?attachments=true&statementId="+id, "", nil)
		if w.Code != http.StatusNotFound {
			t.Errorf("after the window: %d", w.Code)
		}
		c.look(t, "an answer after the window", w.Body.Bytes())
	}
	e.report(context.WithoutCancel(t.Context()))
	e.searchCanaries(t, c)
}

// sendCanaries sends every kind of statement every way, whole and broken, with a
// real key and with one of the sandbox, and returns the ids that were taken for
// good.
func (e *endpoint) sendCanaries(t *testing.T, c *caged) (taken []string) {
	t.Helper()
	for _, sandbox := range []bool{false, true} {
		e.keys.publisher.Sandbox = sandbox
		for _, way := range ways() {
			for object := range objects {
				for _, v2 := range []bool{false, true} {
					if v2 && way.v1 {
						continue
					}
					st := c.statement(object, v2, !way.inline)
					w, answer := e.in(c, way, st, v2)
					c.look(t, way.name+": the answer", answer)
					if w.Code/100 == 2 && way.name != "validate" && !sandbox {
						taken = append(taken, idOf(st))
					}
					if w.Code/100 != 2 && way.name != "ndjson" {
						t.Errorf("%s, object %d, 2.0 %v: %s", way.name, object, v2, answer)
					}
					if object == 0 {
						e.sendBroken(t, c, way, st, v2)
					}
				}
			}
		}
	}
	e.keys.publisher.Sandbox = false
	e.out.before = func() error { return fmt.Errorf("broker away") }
	_, answer := e.in(c, ways()[0], c.statement(0, false, true), false)
	c.look(t, "the answer without a broker", answer)
	e.out.before = nil
	return taken
}

func (e *endpoint) sendBroken(t *testing.T, c *caged, way way, statement string, v2 bool) {
	t.Helper()
	refused := 0
	for _, text := range broken(statement) {
		w, answer := e.in(c, way, text, v2)
		c.look(t, way.name+", broken: the answer", answer)
		if w.Code/100 == 4 {
			refused++
		}
	}
	if refused == 0 && way.name != "validate" && way.name != "ndjson" { // those answer for each statement
		t.Errorf("%s: nothing was refused", way.name)
	}
	for _, edit := range strangers() {
		_, answer := e.in(c, way, statement, v2, edit)
		c.look(t, way.name+", with strange headers: the answer", answer)
	}
}

// readCanaries reads statements back as their publisher, who gets everything,
// and as another, who gets nothing.
func (e *endpoint) readCanaries(t *testing.T, c *caged, ids []string) []string {
	t.Helper()
	seen := map[string]bool{}
	for _, id := range ids {
		w := e.send(http.MethodGet, "/xapi/statements?attachments=true&statementId="+id, "", nil)
		if w.Code != http.StatusOK {
			t.Errorf("%s is not read back: %d", id, w.Code)
		}
		for _, name := range c.cage.Fields(w.Body.Bytes()) {
			seen[name] = true
		}
	}
	for _, name := range c.cage.Names() {
		if !seen[name] && name != "authority" && !strings.HasPrefix(name, "authority ") { // it is the publisher's own in answers
			t.Errorf("%s is not read back by its publisher: nothing is proven", name)
		}
	}
	e.keys.publisher = publishers.Publisher{Name: "lecture", Number: 8, Mapping: e.keys.publisher.Mapping}
	for _, query := range []string{"attachments=true&statementId=" + ids[0], "voidedStatementId=" + ids[0], "limit=500", "registration=" + registration} {
		w := e.send(http.MethodGet, "/xapi/statements?"+query, "", nil)
		c.look(t, "an answer to another publisher", w.Body.Bytes())
	}
	return ids
}

// searchCanaries searches everything that a server leaves behind.
func (e *endpoint) searchCanaries(t *testing.T, c *caged) {
	t.Helper()
	events := e.opened(t)
	if len(events) < 10 {
		t.Errorf("%d events: too few to prove anything", len(events))
	}
	for _, ev := range events {
		how, _ := canary.Find([]byte(ev.Actor.Reveal()))
		if how != "as it is" {
			t.Errorf("a sealed record without its actor: %s", ev.Actor.Reveal())
		}
		c.look(t, "an opened record", fmt.Appendf(nil, "%d %d %d %d %v", ev.School, ev.Level, ev.Subject, ev.Tool, ev.Actor))
	}
	for _, topic := range []string{topics.Statements, topics.Quality} {
		records := e.out.topic(topic)
		if len(records) == 0 {
			t.Errorf("topic %s is empty: nothing is proven", topic)
		}
		for _, r := range records {
			c.look(t, "topic "+topic, r.value)
		}
	}
	if len(e.out.values) != 2 {
		t.Errorf("records in %d topics, want 2", len(e.out.values))
	}
	families, err := e.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	metrics := fmt.Sprint(families)
	if !strings.Contains(metrics, "brume_ingest_statements_total") || e.log.Len() == 0 {
		t.Error("metrics or logs are missing from what is searched")
	}
	c.look(t, "metrics", []byte(metrics))
	c.look(t, "the log", e.log.Bytes())
	c.look(t, "counts", fmt.Appendf(nil, "%+v", e.Counts()))
}
