package ingest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"brume/ingest/publishers"
	"brume/internal/kafka"
	"brume/schemas/topics"
)

const uai = "https://brume.example/xapi/extensions/uai"

func from(school string) string { return `,"context":{"extensions":{"` + uai + `":"` + school + `"}}` }

// ★ A key that is bound sends nothing else, and a request with one statement
// too many sends nothing at all.
func TestPermit(t *testing.T) {
	e := newEndpoint(t, nil)
	reg := e.deps.Registry
	school, other := reg.Schools[0].UAI.String(), reg.Schools[1].UAI.String()
	prefix := []string{"https://calcul.example/exercise/"}
	elsewhere := func(s string) string {
		return strings.ReplaceAll(s, "https://calcul.example/", "https://calcul.example.evil/")
	}
	teacher := `,"context":{"extensions":{"https://brume.example/xapi/extensions/role":"teacher"}}`
	rows := []struct {
		line          int
		limits        publishers.Limits
		body          string
		code, pointer string
	}{
		{line(), publishers.Limits{}, statement("1", from(other)), "", ""},
		{line(), publishers.Limits{Schools: []string{school}}, statement("1", from(school)), "", ""},
		{line(), publishers.Limits{Schools: []string{school}}, statement("1", from(other)), "forbidden.school", ""},
		{line(), publishers.Limits{Schools: []string{school}}, statement("1", ""), "forbidden.school", ""},
		{line(), publishers.Limits{Schools: []string{school}}, "[" + statement("1", teacher) + "," + statement("1", from(school)) + "]", "", ""},
		{line(), publishers.Limits{Schools: []string{school}}, "[" + statement("1", from(school)) + "," + statement("1", from(other)) + "," + statement("2", "") + "]", "forbidden.school", "/1"},
		{line(), publishers.Limits{Tools: []string{"no-such-tool"}}, statement("1", ""), "forbidden.tool", ""},
		{line(), publishers.Limits{Prefixes: prefix}, statement("1", ""), "", ""},
		{line(), publishers.Limits{Prefixes: prefix}, elsewhere(statement("1", "")), "forbidden.prefix", ""},
		{line(), publishers.Limits{Prefixes: prefix}, strings.Replace(statement("1", ""), `"object":{`, `"object":{"objectType":"StatementRef",`, 1), "format.uuid", "/object/id"},
		{line(), publishers.Limits{Prefixes: prefix}, strings.Replace(statement("1", ""), `"https://calcul.example/exercise/12"`, `"`+someID+`","objectType":"StatementRef"`, 1), "forbidden.prefix", ""},
	}
	for _, row := range rows {
		e := newEndpoint(t, nil)
		e.keys.publisher.Limits = row.limits.Resolve(reg)
		w := e.post(row.body)
		if code(w) != row.code || row.code != "" && !strings.Contains(w.Body.String(), `"pointer":"`+row.pointer+`"`) {
			t.Errorf("line %d: %d %s", row.line, w.Code, w.Body)
		}
		if strings.HasPrefix(row.code, "forbidden") && (w.Code != http.StatusForbidden || len(e.out.topic(topics.Statements)) > 0 || e.Counts().Refused != 1) {
			t.Errorf("line %d: %d, %d records, counts %+v", row.line, w.Code, len(e.out.topic(topics.Statements)), e.Counts())
		}
		if s := w.Body.String(); strings.Contains(s, school) || strings.Contains(s, other) || strings.Contains(s, "calcul") {
			t.Errorf("line %d: quotes the statement: %s", row.line, s)
		}
	}
}

// Validation says what the key's limits would refuse.
func TestValidateForbidden(t *testing.T) {
	e := newEndpoint(t, nil)
	school := e.deps.Registry.Schools[0].UAI.String()
	e.keys.publisher.Limits = publishers.Limits{Schools: []string{school}}.Resolve(e.deps.Registry)
	w := e.send(http.MethodPost, "/xapi/validate", "["+statement("1", from(school))+","+statement("1", "")+"]", nil)
	if s := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(s, `"valid":false`) || !strings.Contains(s, `"code":"forbidden.school","pointer":"/1"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Limits that nobody resolved let nothing pass.
func TestUnresolvedLimits(t *testing.T) {
	e := newEndpoint(t, nil)
	school := e.deps.Registry.Schools[0].UAI.String()
	e.keys.publisher.Limits = publishers.Limits{Schools: []string{school}}
	if w := e.post(statement("1", from(school))); code(w) != "forbidden.school" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// ★ A key over its rate waits, and hears for how long; what never fits is told
// so.
func TestRate(t *testing.T) {
	at := noon
	e := newEndpoint(t, func(_ *Config, d *Deps) { d.Now = func() time.Time { return at } })
	e.keys.publisher.Rate = rate.NewLimiter(2, 4)
	batch := func(n int) string {
		return "[" + strings.Repeat(statement("1", "")+",", n-1) + statement("1", "") + "]"
	}
	for _, row := range []struct {
		line, statements int
		pass             time.Duration
		status           int
		code, after      string
	}{
		{line(), 5, 0, http.StatusRequestEntityTooLarge, "limit.burst", ""},
		{line(), 3, 0, http.StatusOK, "", ""},
		{line(), 3, 0, http.StatusTooManyRequests, "limit.rate", "1"},
		{line(), 1, 0, http.StatusOK, "", ""},
		{line(), 1, 0, http.StatusTooManyRequests, "limit.rate", "1"},
		{line(), 4, time.Second, http.StatusTooManyRequests, "limit.rate", "1"},
		{line(), 4, time.Second, http.StatusOK, "", ""},
	} {
		at = at.Add(row.pass)
		w := e.post(batch(row.statements))
		if w.Code != row.status || code(w) != row.code || w.Header().Get("Retry-After") != row.after {
			t.Errorf("line %d: %d %s, Retry-After %q", row.line, w.Code, w.Body, w.Header().Get("Retry-After"))
		}
	}
	if c := e.Counts(); c.Accepted != 8 || c.Postponed != 7 || c.Refused != 1 {
		t.Errorf("counts %+v", c)
	}
}

// What Authenticate answers, and what the request hears.
func TestAuthenticationAnswers(t *testing.T) {
	bearer := []string{publishers.BasicChallenge, `Bearer realm="brume"`}
	for _, row := range []struct {
		line       int
		err        error
		status     int
		code       string
		challenges []string
	}{
		{line(), publishers.ErrDenied, http.StatusUnauthorized, "request.credentials", bearer[:1]},
		{line(), &publishers.Denial{Challenges: bearer}, http.StatusUnauthorized, "request.credentials", bearer},
		{line(), publishers.ErrSeveral, http.StatusBadRequest, "request.credentials_several", nil},
		{line(), publishers.ErrUnusable, http.StatusServiceUnavailable, "unavailable.key", nil},
		{line(), publishers.ErrIdentity, http.StatusServiceUnavailable, "unavailable.identity", nil},
		{line(), publishers.ErrStale, http.StatusServiceUnavailable, "unavailable.publishers", nil},
		{line(), publishers.ErrNotReady, http.StatusServiceUnavailable, "unavailable.starting", nil},
	} {
		e := newEndpoint(t, nil)
		e.keys.err = row.err
		w := e.post(statement("1", ""))
		if w.Code != row.status || code(w) != row.code || !slices.Equal(w.Header()["Www-Authenticate"], row.challenges) {
			t.Errorf("line %d: %d %s %q", row.line, w.Code, w.Body, w.Header()["Www-Authenticate"])
		}
	}
}

// Over its rate, a request is refused before its body is read.
func TestRateBeforeTheBody(t *testing.T) {
	e := newEndpoint(t, nil)
	e.keys.publisher.Rate = rate.NewLimiter(1, 1)
	if w := e.post(statement("1", "")); w.Code != http.StatusOK {
		t.Fatal(w.Code, w.Body)
	}
	if w := e.post("not JSON"); code(w) != "limit.rate" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// ★ What Brume could not take does not count against the rate, so that the
// client can send it again; who leaves before the answer has spent it, because
// the broker may have it all the same.
func TestRateAfterFailure(t *testing.T) {
	e := newEndpoint(t, nil)
	limiter := rate.NewLimiter(1, 10)
	limiter.AllowN(noon, 2)
	e.keys.publisher.Rate = limiter
	left := func(want float64) {
		t.Helper()
		if got := limiter.TokensAt(noon); got != want {
			t.Errorf("%v statements left, want %v", got, want)
		}
	}
	batch := "[" + statement("1", "") + "," + statement("2", "") + "," + statement("3", "") + "]"
	e.out.before = func() error { return kafka.ErrUnavailable }
	if w := e.post(batch); code(w) != "unavailable.broker" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	left(8)
	ctx, leave := context.WithCancel(t.Context())
	e.out.before = func() error { leave(); return kafka.ErrUnavailable }
	e.send(http.MethodPost, "/xapi/statements", batch, func(r *http.Request) { *r = *r.WithContext(ctx) })
	left(5)
	e.out.before = nil
	if w := e.post(batch); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	left(2)
	if w := e.post(batch); code(w) != "limit.rate" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	left(2)
}
