package ingest

import (
	"encoding/json/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brume/ingest/publishers"
	"brume/schemas/topics"
)

func (e *endpoint) validated(t *testing.T, body string, edit func(*http.Request)) verdict {
	t.Helper()
	w := e.send(http.MethodPost, "/xapi/validate", body, edit)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	var v verdict
	if err := json.Unmarshal(w.Body.Bytes(), &v, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	return v
}

// Validation says what would become of each statement, and leaves no trace.
func TestValidate(t *testing.T) {
	e := newEndpoint(t, nil)
	teacher := statement("1", `,"context":{"extensions":{"https://brume.example/xapi/extensions/role":"teacher"}}`)
	unknownVerb := strings.Replace(statement("1", ""), "verbs/answered", "verbs/pondered", 1)
	got := e.validated(t, "["+statement("1", `,"id":"`+someID+`"`)+","+teacher+","+unknownVerb+"]", nil)
	want := verdict{Valid: true, Statements: []prospect{
		{Kept: true, Unmapped: []string{"level", "school", "subject"}},
		{Dropped: "teacher"},
		{Kept: true, Unmapped: []string{"level", "school", "subject", "verb"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want, +got)\n%s", diff)
	}
	if got := e.validated(t, "[]", nil); !got.Valid || got.Statements == nil {
		t.Errorf("empty batch: %+v", got)
	}
	e.validated(t, "{}", nil)
	e.send(http.MethodPost, "/xapi/validate", "x", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") })
	if n := len(e.out.topic(topics.Statements)); n > 0 {
		t.Errorf("%d records were produced", n)
	}
	if told := e.told(t); len(told) > 0 {
		t.Errorf("counted: %+v", told)
	}
	if w := e.send(http.MethodGet, "/xapi/statements?statementId="+someID, "", nil); w.Code != http.StatusNotFound {
		t.Errorf("a validated statement can be read back: %d", w.Code)
	}
}

// Faults are those of POST, limits included.
func TestValidateFaults(t *testing.T) {
	e := newEndpoint(t, nil)
	rows := []struct {
		line                int
		body, pointer, code string
	}{
		{line(), "", "", "json.syntax"},
		{line(), "{", "", "json.syntax"},
		{line(), statement("1", `,"result":{"score":{"scaled":2}}`), "/result/score/scaled", "score.range"},
		{line(), "[" + statement("1", "") + "," + statement("1", `,"id":"x"`) + "]", "/1/id", "format.uuid"},
		{line(), statement("1", `,"result":{"response":"`+strings.Repeat("x", 256<<10)+`"}`), "", "limit.statement"},
		{line(), "[" + strings.Repeat(statement("1", "")+",", 1000) + statement("1", "") + "]", "", "limit.batch"},
	}
	for _, row := range rows {
		v := e.validated(t, row.body, nil)
		posted := e.post(row.body)
		if v.Valid || v.Statements != nil || len(v.Errors) == 0 || string(v.Errors[0].Code) != row.code || code(posted) != row.code {
			t.Errorf("line %d: %+v, POST answers %s", row.line, v, code(posted))
			continue
		}
		f := v.Errors[0]
		if row.pointer != "" && f.Pointer != row.pointer || f.Rule == "" || f.Message == "" || f.MessageFR == "" {
			t.Errorf("line %d: %+v", row.line, f)
		}
	}
}

// What another rule than the specification's forbids is said, too.
func TestValidateKeyAndConflict(t *testing.T) {
	e := newEndpoint(t, nil)
	e.keys.publisher.Limits = publishers.Limits{Prefixes: []string{"https://calcul.example/"}}
	ids(t, e.post(statement("1", `,"id":"`+someID+`"`)))
	v := e.validated(t, "["+statement("1", "")+","+statement("2", `,"id":"`+someID+`"`)+"]", nil)
	if v.Valid || len(v.Errors) != 1 || v.Errors[0].Code != "statement.conflict" || v.Errors[0].Pointer != "/1" || v.Errors[0].MessageFR == "" {
		t.Errorf("conflict: %+v", v)
	}
	v = e.validated(t, strings.Replace(statement("1", ""), "calcul.example", "autre.example", 1), nil)
	if v.Valid || len(v.Errors) != 1 || v.Errors[0].Code != publishers.ForbiddenPrefix || v.Errors[0].Pointer != "" || v.Errors[0].MessageFR == "" {
		t.Errorf("limits of the key: %+v", v)
	}
}

// What is wrong with the request, and not with its statements, is a problem.
func TestValidateProblems(t *testing.T) {
	e := newEndpoint(t, nil)
	for _, row := range []struct {
		line   int
		method string
		edit   func(*http.Request)
		status int
		code   string
	}{
		{line(), http.MethodGet, nil, 405, "request.method"},
		{line(), http.MethodPost, func(r *http.Request) { r.Header.Del("Authorization") }, 401, "request.credentials"},
		{line(), http.MethodPost, func(r *http.Request) { r.Header.Del(versionHeader) }, 400, "request.version"},
		{line(), http.MethodPost, func(r *http.Request) { r.Header.Set("Content-Length", "9000000"); r.ContentLength = 9000000 }, 413, "limit.body"},
		{line(), http.MethodPost, func(r *http.Request) { r.URL.RawQuery = "a=1" }, 400, "request.parameter"},
	} {
		if w := e.send(row.method, "/xapi/validate", statement("1", ""), row.edit); w.Code != row.status || code(w) != row.code {
			t.Errorf("line %d: %d %s", row.line, w.Code, code(w))
		}
	}
}
