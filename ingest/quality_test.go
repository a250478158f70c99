package ingest

import (
	"encoding/json/v2"
	"net/http"
	"strings"
	"testing"

	"brume/schemas/quality"
	"brume/schemas/topics"
)

// told gives what was reported to the topic quality.
func (e *endpoint) told(t *testing.T) (list []quality.Intake) {
	t.Helper()
	e.report(t.Context())
	for _, r := range e.out.topic(topics.Quality) {
		var q quality.Intake
		if err := json.Unmarshal(r.value, &q, json.RejectUnknownMembers(true)); err != nil {
			t.Fatal(err)
		}
		list = append(list, q)
	}
	return list
}

// Statements of a sandbox key have records of their own, and are in no sum.
func TestSandboxIsCountedApart(t *testing.T) {
	e := newEndpoint(t, nil)
	ids(t, e.post(statement("1", "")))
	e.keys.publisher.Sandbox = true
	e.post("{}")
	got := e.told(t)
	if len(got) != 2 || got[0].Sandbox || got[0].Accepted != 1 || got[0].Refused != 0 || !got[0].Last.Equal(noon) ||
		!got[1].Sandbox || got[1].Accepted != 0 || got[1].Refused != 1 || got[1].Publisher != "calcul" {
		t.Errorf("%+v", got)
	}
	if c := e.Counts(); c.Received != 1 || c.Refused != 0 {
		t.Errorf("counts %+v", c)
	}
}

// The first refused statement of each code is a sample, until it is reported.
func TestSamples(t *testing.T) {
	e := newEndpoint(t, nil)
	e.post(`[` + statement("1", "") + `,` + statement("2", `,"result":{"score":{"scaled":2}}`) + `]`)
	e.post(statement("2", `,"result":{"score":{"scaled":3}},"context":{}`))
	e.post(`{"actor":`)
	first := e.told(t)
	if len(first) != 1 || len(first[0].Samples) != 2 || first[0].ByCode["score.range"] != 2 {
		t.Fatalf("%+v", first)
	}
	got := first[0].Samples["score.range"]
	if got.Pointer != "/1/result/score/scaled" || got.Rule != "xAPI Data 2.4.5.1" || !got.At.Equal(noon) ||
		got.Skeleton != `{"actor":{"account":{"homePage":"string","name":"string"}},"verb":{"id":"string"},"object":{"id":"string"},"result":{"score":{"scaled":"number"}}}` {
		t.Errorf("%+v", got)
	}
	e.post(statement("2", `,"result":{"score":{"scaled":2}}`))
	if all := e.told(t); len(all) != 2 || all[1].Samples["score.range"].Pointer != "/result/score/scaled" || len(all[1].Samples) != 1 {
		t.Errorf("%+v", all)
	}
}

// What is refused before its body is read is counted too, of those who are
// known.
func TestRequestsTurnedAway(t *testing.T) {
	e := newEndpoint(t, nil)
	for _, path := range []string{"/xapi/statements", "/ingest/ndjson", "/xapi/validate"} {
		e.send(http.MethodPost, path, "", func(r *http.Request) { r.Header.Del(versionHeader) })
	}
	e.send(http.MethodPost, "/xapi/statements?x=1", "", nil)
	e.send(http.MethodPost, "/xapi/statements", "", func(r *http.Request) { r.SetBasicAuth("key", "wrong") })
	got := e.told(t)
	if len(got) != 1 || got[0].Refused != 3 || got[0].ByCode["request.version"] != 2 || got[0].ByCode["request.parameter"] != 1 {
		t.Errorf("%+v", got)
	}
}

// Nothing that a refused statement holds is in the topic quality.
func TestQualityHoldsNothingOfStatements(t *testing.T) {
	const canary = "zyxcanaryzyx"
	e := newEndpoint(t, nil)
	for _, part := range []string{
		`,"` + canary + `":"` + canary + `"`,
		`,"result":{"` + canary + `":1}`,
		`,"result":{"extensions":{"` + canary + `":"` + canary + `"}}`,
		`,"context":{"extensions":{"https://` + canary + `.example/x":{"` + canary + `":["` + canary + `"]}},"language":"` + canary + canary + `"}`,
		`,"timestamp":"` + canary + `"`, `,"id":"` + canary + `"`, `,"version":"` + canary + `"`,
		`,"authority":{"mbox":"mailto:` + canary + `"}`, `,"stored":"` + canary + `"`, `,"Actor":"` + canary + `"`,
		`,"context":{"team":{"name":"` + canary + `"},"platform":4711,"registration":"` + canary + `"}`,
		`,"attachments":[{"usageType":"a:b","display":{"` + canary + `":"` + canary + `"},"contentType":"text/plain","length":1,"sha2":"` + canary + `"}]`,
		`,"` + canary, `,"result":{"response":"` + canary + `\ud800"}`, `,"actor":{"name":"` + canary + `"}`,
	} {
		if w := e.post(statement(canary, part)); w.Code != 400 {
			t.Errorf("%s: %d", part, w.Code)
		}
		e.report(t.Context())
	}
	records := e.out.topic(topics.Quality)
	if len(records) != 15 {
		t.Errorf("%d records", len(records))
	}
	for _, r := range records {
		if text := string(r.value); strings.Contains(text, canary) || strings.Contains(text, "4711") || !strings.Contains(text, "skeleton") {
			t.Error(text)
		}
	}
}
