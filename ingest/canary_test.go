package ingest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"brume/schemas/topics"
)

const ext = "https://brume.example/xapi/extensions/"

// canaries is a statement with a canary in every field that lets text in.
const canaries = `{"id":"9dc99b37-e920-4a68-a066-917faca28949",
"actor":{"name":"CANARY","account":{"homePage":"https://ent.example","name":"PUPIL"}},
"verb":{"id":"https://CANARY.example/verb","display":{"fr":"CANARY"}},
"object":{"id":"https://CANARY.example/object","definition":{"name":{"fr":"CANARY"},"description":{"fr":"CANARY"},"type":"a:CANARY",
 "moreInfo":"https://CANARY.example","interactionType":"choice","correctResponsesPattern":["CANARY"],
 "choices":[{"id":"CANARY","description":{"fr":"CANARY"}}],"extensions":{"a:CANARY":"CANARY","` + ext + `activity-subject":"CANARY"}}},
"result":{"response":"CANARY","extensions":{"a:CANARY":"CANARY"}},
"context":{"instructor":{"name":"CANARY","mbox":"mailto:CANARY@CANARY.example"},"team":{"objectType":"Group","name":"CANARY","mbox":"mailto:CANARY@b.example",
 "member":[{"name":"CANARY","openid":"https://CANARY.example"}]},"revision":"CANARY","platform":"CANARY",
 "contextActivities":{"parent":{"id":"a:CANARY"},"grouping":[{"id":"https://brume.example/school/CANARY"}],"other":[{"id":"a:CANARY"}]},
 "extensions":{"` + ext + `uai":"CANARY","` + ext + `level":"CANARY","a:CANARY":{"CANARY":["CANARY"]}}},
"authority":{"name":"CANARY","mbox":"mailto:CANARY@CANARY.example"},
"attachments":[{"usageType":"a:CANARY","display":{"fr":"CANARY"},"description":{"fr":"CANARY"},"contentType":"x/CANARY","length":1,
 "sha2":"495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a","fileUrl":"https://CANARY.example"}]}`

// After ingestion the canonical actor is inside sealed records only, and no
// other value is anywhere: not in opened records, logs, metrics, counts or
// answers, also when the statement is refused.
func TestCanary(t *testing.T) {
	e := newEndpoint(t, nil)
	answers := ids(t, e.post(canaries))
	text := fmt.Sprint(answers)
	for i := range canaries { // broken at every comma
		if canaries[i] == ',' {
			text += e.post(canaries[:i] + `,"CANARY":null` + canaries[i:]).Body.String()
		}
	}
	text += e.send(http.MethodPut, "/xapi/statements?statementId=CANARY", canaries, nil).Body.String()
	text += e.send(http.MethodPost, "/xapi/CANARY?CANARY=CANARY", canaries, nil).Body.String()
	e.out.before = func() error { return fmt.Errorf("broker away") }
	text += e.post(canaries).Body.String()
	e.out.before = nil
	e.report(t.Context())

	events := e.opened(t)
	if len(events) != 1 || events[0].Actor.Reveal() != "account:https://ent.example|PUPIL" {
		t.Fatalf("%d events", len(events))
	}
	ev := events[0]
	text += fmt.Sprintf("%s %d %d %d %d", ev.Scope, ev.School, ev.Level, ev.Subject, ev.Tool)
	for _, topic := range []string{topics.Statements, topics.Quality} {
		for _, r := range e.out.topic(topic) {
			text += string(r.value)
		}
	}
	families, err := e.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	text += fmt.Sprint(families) + e.log.String() + fmt.Sprintf("%+v %v", e.Counts(), ev)
	for _, word := range []string{"CANARY", "PUPIL"} {
		if i := strings.Index(text, word); i >= 0 {
			t.Errorf("%s leaks: …%s…", word, text[max(0, i-80):min(len(text), i+80)])
		}
	}
	if !strings.Contains(text, "brume_ingest_statements_total") || !strings.Contains(text, "calcul") {
		t.Error("metrics or quality records are missing from what was searched")
	}
}
