package readback

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"brume/schemas/xapi"
)

func line() int {
	_, _, n, _ := runtime.Caller(1)
	return n
}

var noon = time.Date(2026, 9, 14, 12, 30, 0, 0, time.UTC)

// tested is a window with a clock that the test moves.
type tested struct {
	*Window
	t   testing.TB
	now time.Time
}

func newTested(t testing.TB, bytes int64) *tested {
	w := &tested{t: t, now: noon}
	w.Window = New(Config{Keep: 15 * time.Minute, Bytes: bytes}, func() time.Time { return w.now })
	return w
}

// decoded is what ingest gives a window.
func decoded(t testing.TB, text string) []xapi.Statement {
	t.Helper()
	batch, err := xapi.Decode([]byte(text), xapi.Options{V2: true, Multipart: true, Limits: xapi.DefaultLimits()})
	if err != nil {
		t.Fatal(err, text)
	}
	return batch.Statements
}

// owner is the publisher that a test is about.
var owner = Owner{Number: 7, Name: "calcul"}

func (w *tested) put(texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		w.Put(owner, false, decoded(w.t, text), nil)
	}
}

// result is a StatementResult as far as tests look at it.
type result struct {
	Statements []struct {
		ID string `json:"id"`
	} `json:"statements"`
	More string `json:"more"`
}

func (r *result) ids() string {
	var list []string
	for _, s := range r.Statements {
		list = append(list, short(s.ID))
	}
	return strings.Join(list, " ")
}

func parse(t testing.TB, query string) Query {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	q, fault := ParseQuery(values)
	if fault != nil {
		t.Fatal(query, fault)
	}
	return q
}

func (w *tested) ask(as Owner, query string) (Answer, error) {
	w.t.Helper()
	return w.Read(as, parse(w.t, query), nil)
}

func (w *tested) list(query string) (r result) {
	w.t.Helper()
	a, err := w.ask(owner, query)
	if err != nil {
		w.t.Fatal(query, err)
	}
	if err := json.Unmarshal(a.Body, &r); err != nil {
		w.t.Fatal(query, err)
	}
	return r
}

// id makes the id of the statement n; short undoes it.
func id(n string) string { return "9dc99b37-e920-4a68-a066-" + strings.Repeat("0", 12-len(n)) + n }

func short(id string) string { return strings.TrimLeft(id[24:], "0") }

// made is a statement; members are like `"verb":{"id":"a:b"}` and take the
// place of the usual ones.
func made(t testing.TB, n string, members ...string) string {
	t.Helper()
	all := map[string]jsontext.Value{
		"id":     jsontext.Value(`"` + id(n) + `"`),
		"actor":  jsontext.Value(`{"account":{"homePage":"https://ent.aix.example","name":"4711"}}`),
		"verb":   jsontext.Value(`{"id":"http://adlnet.gov/expapi/verbs/answered"}`),
		"object": jsontext.Value(`{"id":"https://calcul.example/exercise/12"}`),
	}
	for _, m := range members {
		var one map[string]jsontext.Value
		if err := json.Unmarshal([]byte("{"+m+"}"), &one); err != nil {
			t.Fatal(err, m)
		}
		for k, v := range one {
			all[k] = v
		}
	}
	text, err := json.Marshal(all, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
