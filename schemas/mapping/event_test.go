package mapping

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"brume/schemas/event"
	"brume/schemas/registry"
	"brume/schemas/xapi"
)

const uai = "0139101X"

func tinyRegistry() *registry.Registry {
	return &registry.Registry{
		Schools:  []registry.School{{UAI: 139101}},
		Levels:   []registry.Term{{ID: 1, Code: "6e"}, {ID: 7, Code: "tle"}},
		Subjects: []registry.Term{{ID: 1, Code: "mathematiques"}},
		Tools:    []registry.Tool{{ID: 3, Code: "calcul", Prefixes: []string{"https://calcul.example/"}}},
	}
}

func line() int {
	_, _, n, _ := runtime.Caller(1)
	return n
}

var noon = time.Date(2026, 9, 14, 12, 30, 0, 0, time.UTC)

func decode(t testing.TB, body string) *xapi.Statement {
	t.Helper()
	b, err := xapi.Decode([]byte(body), xapi.Options{Limits: xapi.DefaultLimits()})
	if err != nil {
		t.Fatal(err)
	}
	return &b.Statements[0]
}

// body is a statement with the given rest: `,"result":{…}`.
func body(verb, rest string) string {
	return fmt.Sprintf(`{"actor":{"account":{"homePage":"https://ent.aix.example","name":"4711"}},"verb":{"id":"%s"},`+
		`"object":{"id":"https://calcul.example/exercise/12"}%s}`, verb, rest)
}

func shippedMapping(t testing.TB, name string) *Mapping {
	t.Helper()
	m, err := Shipped(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const ext = "https://brume.example/xapi/extensions/"

// The three dialects of the simulated tools.
func TestDialects(t *testing.T) {
	base := event.Event{Actor: event.NewActor("account:https://ent.aix.example|4711"), Scope: "https://ent.aix.example",
		Publisher: 9, School: 139101, Level: 1, Subject: 1, Tool: 3, Score: event.NoScore, Duration: event.NoDuration,
		Hour: hourOf(noon.Unix()), Received: noon.Unix()}
	rows := []struct {
		line int
		body string
		want func(e *event.Event)
	}{
		{line(), body("http://adlnet.gov/expapi/verbs/answered", `,"result":{"success":true,"score":{"scaled":0.8766},"duration":"PT61S"},`+
			`"context":{"extensions":{"`+ext+`uai":"`+uai+`","`+ext+`level":"6e","`+ext+`subject":"mathematiques"}}`), func(e *event.Event) {
			e.Kind, e.Outcome, e.Score, e.Duration = event.Answered, event.Success, 877, 61
		}},
		{line(), body("http://adlnet.gov/expapi/verbs/failed", `,"result":{"score":{"raw":5,"min":0,"max":20}},"context":{"platform":"lecture",`+
			`"contextActivities":{"grouping":[{"id":"https://brume.example/school/`+uai+`"},{"id":"https://brume.example/level/6e"},`+
			`{"id":"https://brume.example/subject/mathematiques"}]}}`), func(e *event.Event) {
			e.Kind, e.Outcome, e.Score = event.Failed, event.Failure, 250
		}},
		{line(), strings.Replace(body("https://w3id.org/xapi/video/verbs/played", `,"result":{"extensions":{"https://w3id.org/xapi/video/extensions/played-segments":"0[.]30.5[,]40[.]50[,]60"}},`+
			`"context":{"extensions":{"`+ext+`uai":"`+uai+`"}}`), `exercise/12"`, `exercise/12","definition":{"extensions":{"`+ext+`activity-subject":"mathematiques"}}`, 1), func(e *event.Event) {
			e.Kind, e.Level, e.Duration = event.Viewed, 0, 41
		}},
	}
	m := shippedMapping(t, "generic")
	for _, row := range rows {
		want := base
		row.want(&want)
		got, reason, ok := m.Event(decode(t, row.body), tinyRegistry(), Reception{Publisher: "p", Number: 9, Time: noon})
		if !ok {
			t.Errorf("line %d: dropped: %s", row.line, reason)
		}
		if diff := cmp.Diff(got, want, cmp.AllowUnexported(event.Actor{})); diff != "" {
			t.Errorf("line %d (-got, +want):\n%s", row.line, diff)
		}
	}
}

func TestDrops(t *testing.T) {
	actor := func(a string) string {
		return `{"actor":` + a + `,"verb":{"id":"a:b"},"object":{"id":"a:b"}}`
	}
	rows := []struct {
		line    int
		mapping string
		body    string
		want    Drop
	}{
		{line(), "generic", actor(`{"objectType":"Group","mbox":"mailto:a@b.example"}`), DropGroup},
		{line(), "generic", actor(`{"objectType":"Group","member":[{"mbox":"mailto:a@b.example"}]}`), DropGroup},
		{line(), "generic", actor(`{"account":{"homePage":"https://ent.example","name":""}}`), DropAnonymous},
		{line(), "generic", actor(`{"mbox":"mailto:a@b.example"}`), Kept},
		{line(), "fun-mooc", actor(`{"mbox":"mailto:a@b.example"}`), DropIdentity},
		{line(), "generic", actor(`{"account":{"homePage":"https://ent.example","name":"` + strings.Repeat("x", event.MaxName) + `"}}`), DropLongActor},
		{line(), "generic", body("a:b", `,"context":{"extensions":{"`+ext+`role":"teacher"}}`), DropTeacher},
		{line(), "generic", body("a:b", `,"context":{"extensions":{"`+ext+`role":"pupil"}}`), Kept},
		{line(), "generic", `{"actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"http://adlnet.gov/expapi/verbs/voided"},` +
			`"object":{"objectType":"StatementRef","id":"9dc99b37-e920-4a68-a066-917faca28949"}}`, DropVoiding},
	}
	for _, row := range rows {
		_, got, ok := shippedMapping(t, row.mapping).Event(decode(t, row.body), tinyRegistry(), Reception{Time: noon})
		if got != row.want || ok != (row.want == Kept) {
			t.Errorf("line %d: got %q, %v; want %q", row.line, got, ok, row.want)
		}
	}
}

func TestCanonical(t *testing.T) {
	rows := []struct {
		line                int
		actor, want, scoped string
	}{
		{line(), `{"account":{"homePage":"https://ent.example","name":"a|b"}}`, "account:https://ent.example|a|b", "https://ent.example"},
		{line(), `{"mbox":"mailto:Ada@Ent.Example"}`, "mbox:Ada@ent.example", "mbox"},
		{line(), `{"mbox_sha1sum":"EBD31E95054c018b10727ccffd2ef2ec3a016ee9"}`, "mbox_sha1sum:ebd31e95054c018b10727ccffd2ef2ec3a016ee9", "mbox_sha1sum"},
		{line(), `{"openid":"https://id.example/x"}`, "openid:https://id.example/x", "openid"},
	}
	for _, row := range rows {
		st := decode(t, `{"actor":`+row.actor+`,"verb":{"id":"a:b"},"object":{"id":"a:b"}}`)
		actor, scope := Canonical(&st.Actor)
		if actor != row.want || scope != row.scoped {
			t.Errorf("line %d: got %q in %q, want %q in %q", row.line, actor, scope, row.want, row.scoped)
		}
	}
}

func TestFacts(t *testing.T) {
	rows := []struct {
		line     int
		result   string
		outcome  event.Outcome
		score    int16
		duration int32
	}{
		{line(), `{}`, event.NoOutcome, event.NoScore, event.NoDuration},
		{line(), `{"success":false,"score":{"scaled":-0.5}}`, event.Failure, 0, event.NoDuration},
		{line(), `{"success":true,"score":{"scaled":1}}`, event.Success, 1000, event.NoDuration},
		{line(), `{"score":{"raw":15,"max":20}}`, event.NoOutcome, 750, event.NoDuration},
		{line(), `{"score":{"raw":15}}`, event.NoOutcome, event.NoScore, event.NoDuration},
		{line(), `{"score":{"raw":0,"min":-10,"max":10,"scaled":0.1}}`, event.NoOutcome, 100, event.NoDuration},
		{line(), `{"score":{"raw":1,"min":-1e308,"max":1e308}}`, event.NoOutcome, 0, event.NoDuration},
		{line(), `{"duration":"PT4H"}`, event.NoOutcome, event.NoScore, 14400},
		{line(), `{"duration":"PT4H1S"}`, event.NoOutcome, event.NoScore, event.NoDuration},
		{line(), `{"duration":"P1Y"}`, event.NoOutcome, event.NoScore, event.NoDuration},
		{line(), `{"extensions":{"` + playedSegments + `":"x[.]y"}}`, event.NoOutcome, event.NoScore, event.NoDuration},
		{line(), `{"extensions":{"` + playedSegments + `":{"a":1}}}`, event.NoOutcome, event.NoScore, event.NoDuration},
		{line(), `{"extensions":{"` + playedSegments + `":"5[.]2[,]1[.]3"}}`, event.NoOutcome, event.NoScore, 2},
		{line(), `{"extensions":{"` + playedSegments + `":"0[.]20000"}}`, event.NoOutcome, event.NoScore, event.NoDuration},
		{line(), `{"duration":"PT5S","extensions":{"` + playedSegments + `":"1[.]3"}}`, event.NoOutcome, event.NoScore, 5},
	}
	m := shippedMapping(t, "generic")
	for _, row := range rows {
		e, _, _ := m.Event(decode(t, body("a:b", `,"result":`+row.result)), tinyRegistry(), Reception{Time: noon})
		if e.Outcome != row.outcome || e.Score != row.score || e.Duration != row.duration {
			t.Errorf("line %d: got %v %v %v", row.line, e.Outcome, e.Score, e.Duration)
		}
	}
}

func TestTimes(t *testing.T) {
	at := noon.Unix()
	rows := []struct {
		line     int
		rest     string
		data     bool
		second   int64
		received int64
	}{
		{line(), ``, false, at, at},
		{line(), `,"timestamp":"2026-09-14T09:59:59Z"`, false, at - 9001, at},
		{line(), `,"timestamp":"2026-09-14T15:00:00Z"`, false, at, at}, // later than received
		{line(), `,"stored":"2026-09-14T10:30:00Z"`, false, at - 7200, at},
		{line(), `,"timestamp":"2021-11-24T10:00:00Z"`, true, 1637748000, 1637748000},
		{line(), `,"timestamp":"2030-01-01T00:00:00Z"`, true, 1893456000, 1893456000},
		{line(), `,"timestamp":"1969-12-31T23:30:00Z"`, true, -3600, -1800},
	}
	m := shippedMapping(t, "generic")
	for _, row := range rows {
		e, _, _ := m.Event(decode(t, body("a:b", row.rest)), tinyRegistry(), Reception{Time: noon, DataClock: row.data})
		if e.Hour != hourOf(row.second) || e.Received != row.received {
			t.Errorf("line %d: got hour %d, received %d; want %d, %d", row.line, e.Hour, e.Received, hourOf(row.second), row.received)
		}
	}
}
