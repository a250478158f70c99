package xapi

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sorted(list []string) string {
	slices.Sort(list)
	return strings.Join(list, "; ")
}

func decodeOne(t *testing.T, line int, body string, o Options) Statement {
	t.Helper()
	o.Limits = DefaultLimits()
	b, err := Decode([]byte(body), o)
	if err != nil {
		t.Fatalf("line %d: %v", line, err)
	}
	if len(b.Statements) != 1 || !b.Single {
		t.Fatalf("line %d: got %d statements, single %v", line, len(b.Statements), b.Single)
	}
	return b.Statements[0]
}

// What the specification allows is accepted, odd as it may look.
func TestAccepted(t *testing.T) {
	const agents = `"member":[{"mbox":"mailto:a@b.example"},{"openid":"http://a.example/x"}]`
	rows := []struct {
		line int
		v2   bool
		body string
	}{
		{line(), false, statement()},
		{line(), false, " \n" + statement() + "\n"},
		{line(), false, statement(`"id":"9DC99B37-E920-4A68-A066-917FACA28949"`)},
		{line(), false, statement(`"actor":{"objectType":"Group",` + agents + `}`)},
		{line(), false, statement(`"actor":{"objectType":"Group","mbox":"mailto:a@b.example"}`)},
		{line(), false, statement(`"actor":{"mbox_sha1sum":"EBD31E95054c018b10727ccffd2ef2ec3a016ee9"}`)},
		{line(), false, statement(`"authority":{"objectType":"Group",` + agents + `}`)},
		{line(), false, statement(`"verb":{"id":"a:b","display":{"fr":"x","zh-Hant-TW":"","en-GB-oed":"y","x-any":"z"}}`)},
		{line(), false, statement(`"object":{"id":"uuid://7d4f3c70-1e79-4243-9b7d-166076ce8bfb"}`)},
		{line(), false, statement(`"object":{"id":"course-v1:FUN-MOOC+00002+session01"}`)},
		{line(), false, statement(`"object":{"id":"https://été.example/é?a[]=1#x"}`)},
		{line(), false, statement(`"object":{"objectType":"Agent","mbox":"mailto:a@b.example","name":"x"}`)},
		{line(), false, statement(`"object":{"id":"9dc99b37-e920-4a68-a066-917faca28949","objectType":"StatementRef"}`, `"verb":{"id":"http://adlnet.gov/expapi/verbs/voided"}`)},
		{line(), false, statement(`"object":{"actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"a:b"},"object":{"id":"9dc99b37-e920-4a68-a066-917faca28949","objectType":"StatementRef"},"objectType":"SubStatement","timestamp":"2030-01-01T00:00:00Z"}`)},
		{line(), false, activityWith(`{"interactionType":"matching","source":[{"id":"a"}],"target":[{"id":"a","description":{"fr":"x"}}],"correctResponsesPattern":["a[.]a"]}`)},
		{line(), false, activityWith(`{"extensions":{"a:b":null,"a:c":{"x":[null,{}]}},"name":{},"description":{"en":"x"}}`)},
		{line(), false, statement(`"result":{"success":false,"completion":true,"response":"","duration":"P1Y","extensions":{},"score":{"scaled":-1,"raw":5,"min":0,"max":10}}`)},
		{line(), false, statement(`"context":{"registration":"9dc99b37-e920-4a68-a066-917faca28949","revision":"1","platform":"p","language":"fr-FR","instructor":{"mbox":"mailto:a@b.example"},"team":{"objectType":"Group","mbox":"mailto:a@b.example"},"statement":{"objectType":"StatementRef","id":"9dc99b37-e920-4a68-a066-917faca28949"}}`)},
		{line(), false, statement(`"context":{"contextActivities":{"parent":{"id":"a:b"},"other":[],"category":[{"id":"a:c","objectType":"Activity","definition":{"type":"a:d"}}]}}`)},
		{line(), false, statement(`"version":"1.0"`, `"stored":"2021-01-01T00:00:00Z"`)},
		{line(), true, statement(`"version":"2.0.0"`)},
		{line(), true, statement(`"version":"1.0.3"`)},
		{line(), true, statement(`"context":{"contextAgents":[{"objectType":"contextAgent","agent":{"mbox":"mailto:a@b.example"},"relevantTypes":["a:b"]}],"contextGroups":[{"objectType":"contextGroup","group":{"objectType":"Group","mbox":"mailto:a@b.example"}}]}`)},
		{line(), false, statement(`"attachments":[{"usageType":"a:b","display":{"fr":"x"},"contentType":"text/plain; charset=utf-8","length":0,"sha2":"495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a","fileUrl":"https://f.example/x"}]`)},
		{line(), false, deep(28)},
	}
	for _, row := range rows {
		s := decodeOne(t, row.line, row.body, Options{V2: row.v2})
		if s.Raw != strings.TrimSpace(row.body) {
			t.Errorf("line %d: raw text is %q", row.line, s.Raw)
		}
	}
}

// The contextAgents of 2.0 have their own rules.
func TestContextAgents(t *testing.T) {
	const agent = `"agent":{"mbox":"mailto:a@b.example"}`
	rows := []struct {
		line       int
		list, want string
	}{
		{line(), `[{"objectType":"Agent",` + agent + `}]`, "value.enum /context/contextAgents/0/objectType"},
		{line(), `[{` + agent + `}]`, "property.missing /context/contextAgents/0"},
		{line(), `[{"objectType":"contextAgent"}]`, "property.missing /context/contextAgents/0"},
		{line(), `[{"objectType":"contextAgent",` + agent + `,"relevantTypes":[]}]`, "value.empty /context/contextAgents/0/relevantTypes"},
		{line(), `[{"objectType":"contextAgent",` + agent + `,"relevantTypes":["x"]}]`, "format.iri /context/contextAgents/0/relevantTypes/0"},
		{line(), `{}`, "value.type /context/contextAgents"},
	}
	for _, row := range rows {
		body := statement(`"context":{"contextAgents":` + row.list + `}`)
		if got := refusal(body, Options{V2: true, Limits: DefaultLimits()}); got != row.want {
			t.Errorf("line %d: got %s, want %s", row.line, got, row.want)
		}
	}
}

// What is kept is what the mapping reads, and escapes are undone.
func TestKept(t *testing.T) {
	body := statement(
		`"id":"9DC99B37-e920-4a68-a066-917faca28949"`,
		`"actor":{"name":"CANARY","account":{"homePage":"https://ent.example","name":"é\u00e9\"|"}}`,
		`"object":{"id":"https:\/\/calcul.example/q","definition":{"type":"a:t","extensions":{"a:b":[1, 2]}}}`,
		`"result":{"success":true,"response":"CANARY","duration":"PT1M0.5S","score":{"raw":3}}`,
		`"context":{"platform":"p","contextActivities":{"grouping":[{"id":"a:g"},{"id":"a:h"}]}}`,
		`"timestamp":"2021-11-30T00:09:00.5+01:00"`)
	got := decodeOne(t, line(), body, Options{})
	want := Statement{
		ID:    "9dc99b37-e920-4a68-a066-917faca28949",
		Actor: Actor{Identifier: Account, HomePage: "https://ent.example", Value: `éé"|`},
		Verb:  "http://adlnet.gov/expapi/verbs/answered",
		Object: Object{ID: "https://calcul.example/q", Kind: "a:t",
			Extensions: Extensions{{Key: "a:b", Value: "[1, 2]"}}},
		Result:    Result{Success: True, Duration: 60.5, DurationText: "PT1M0.5S", Score: Score{Raw: 3, HasRaw: true}},
		Context:   Context{Platform: "p", activityOnly: true, Grouping: []ContextActivity{{ID: "a:g"}, {ID: "a:h"}}},
		Timestamp: time.Date(2021, 11, 29, 23, 9, 0, 5e8, time.UTC),
		Raw:       body,
	}
	opts := cmp.AllowUnexported(Actor{}, Context{})
	if diff := cmp.Diff(got, want, opts); diff != "" {
		t.Errorf("kept (-got, +want):\n%s", diff)
	}
}
