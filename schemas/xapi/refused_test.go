package xapi

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Each row breaks one rule; want is "code pointer".
func TestRefused(t *testing.T) {
	const sub = `"object":{"objectType":"SubStatement","actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"a:b"},"object":`
	const score = `"result":{"score":`
	rows := []struct {
		line int
		body string
		want string
	}{
		{line(), ``, "json.syntax "},
		{line(), `{`, "json.syntax "},
		{line(), `[]]`, "json.syntax "},
		{line(), statement() + statement(), "json.syntax "},
		{line(), `"statement"`, "value.type "},
		{line(), `[null]`, "value.null /0"},
		{line(), statement(`"id":"\ud800"`), "json.unicode /id"},
		{line(), statement("\"id\":\"\xff\""), "json.unicode /id"},
		{line(), `{"id":"x","id":"y"}`, "format.uuid /id; json.duplicate_key "},
		{line(), statement(`"context":{"extensions":{"a:b":{"k":1,"k":2}}}`), "json.duplicate_key /context/extensions"},
		{line(), statement(`"timestamp":null`), "value.null /timestamp"},
		{line(), statement(`"result":{"score":null}`), "value.null /result/score"},
		{line(), deep(40), "limit.depth /context/extensions"},
		{line(), deep(30), "limit.depth /context/extensions"},
		{line(), statement(`"id":"` + strings.Repeat("a", 256<<10) + `"`), "limit.statement "},
		{line(), statement(`"secret":1`), "property.unknown "},
		{line(), statement(`"12":1`), "property.unknown "},
		{line(), statement(`"Verb":{}`), "property.case "},
		{line(), statement(`"verb":{"id":"a:b","iD":"a:b"}`), "property.case /verb"},
		{line(), statement("-actor"), "property.missing "},
		{line(), statement("-verb"), "property.missing "},
		{line(), statement("-object"), "property.missing "},
		{line(), statement("-object", "-verb"), "property.missing ; property.missing "},
		{line(), statement(`"id":"not-a-uuid"`), "format.uuid /id"},
		{line(), statement(`"id":"9dc99b37e9204a68a066917faca28949"`), "format.uuid /id"},
		{line(), statement(`"id":12`), "value.type /id"},

		{line(), statement(`"actor":"bob"`), "value.type /actor"},
		{line(), statement(`"actor":{}`), "actor.identifier /actor"},
		{line(), statement(`"actor":{"name":"Bob"}`), "actor.identifier /actor"},
		{line(), statement(`"actor":{"mbox":"mailto:a@b.example","openid":"http://a.example/"}`), "actor.identifier /actor"},
		{line(), statement(`"actor":{"mbox":"a@b.example"}`), "format.mbox /actor/mbox"},
		{line(), statement(`"actor":{"mbox":"mailto:should.fail.example"}`), "format.mbox /actor/mbox"},
		{line(), statement(`"actor":{"mbox":"mailto:a@b.example,c@d.example"}`), "format.mbox /actor/mbox"},
		{line(), statement(`"actor":{"mbox_sha1sum":"ebd31e95054c018b10727ccffd2ef2ec3a016eeg"}`), "format.sha1 /actor/mbox_sha1sum"},
		{line(), statement(`"actor":{"openid":"/relative"}`), "format.iri /actor/openid"},
		{line(), statement(`"actor":{"account":{"name":"x"}}`), "property.missing /actor/account"},
		{line(), statement(`"actor":{"account":{"homePage":"ent.example","name":"x"}}`), "format.iri /actor/account/homePage"},
		{line(), statement(`"actor":{"account":{"homePage":"https://ent.example","name":12}}`), "value.type /actor/account/name"},
		{line(), statement(`"actor":{"objectType":"agent","mbox":"mailto:a@b.example"}`), "value.enum /actor/objectType"},
		{line(), statement(`"actor":{"mbox":"mailto:a@b.example","member":[{"mbox":"mailto:a@b.example"}]}`), "property.unknown /actor"},
		{line(), statement(`"actor":{"objectType":"Group"}`), "actor.members /actor"},
		{line(), statement(`"actor":{"objectType":"Group","member":[]}`), "actor.members /actor"},
		{line(), statement(`"actor":{"objectType":"Group","member":[{"objectType":"Group","mbox":"mailto:a@b.example"}]}`), "value.enum /actor/member/0/objectType"},
		{line(), statement(`"actor":{"objectType":"Group","member":[{"mbox":"mailto:a@b.example"},{"name":"x"}]}`), "actor.identifier /actor/member/1"},
		{line(), statement(`"authority":{"objectType":"Group","mbox":"mailto:a@b.example"}`), "authority.group /authority"},
		{line(), statement(`"authority":{"objectType":"Group","member":[{"mbox":"mailto:a@b.example"}]}`), "authority.group /authority"},

		{line(), statement(`"verb":{"display":{"fr":"x"}}`), "property.missing /verb"},
		{line(), statement(`"verb":{"id":"answered"}`), "format.iri /verb/id"},
		{line(), statement(`"verb":{"id":"a:b","display":"x"}`), "value.type /verb/display"},
		{line(), statement(`"verb":{"id":"a:b","display":{"a12345678":"x"}}`), "format.language /verb/display"},
		{line(), statement(`"verb":{"id":"a:b","display":{"fr":null}}`), "value.null /verb/display"},
		{line(), statement(`"verb":{"id":"a:b","display":{"fr":1}}`), "value.type /verb/display"},
		{line(), statement(`"verb":{"id":"http://adlnet.gov/expapi/verbs/voided"}`), "verb.voided /object"},

		{line(), statement(`"object":{}`), "property.missing /object"},
		{line(), statement(`"object":{"id":"q1"}`), "format.iri /object/id"},
		{line(), statement(`"object":{"id":"7d4f3c70-1e79-4243-9b7d-166076ce8bfb"}`), "format.iri /object/id"},
		{line(), statement(`"object":{"objectType":"activity","id":"a:b"}`), "value.enum /object/objectType"},
		{line(), statement(`"object":{"objectType":"GroupActivity","id":"a:b"}`), "value.enum /object/objectType"},
		{line(), statement(`"object":{"id":"a:b","mbox":"mailto:a@b.example"}`), "property.unknown /object"},
		{line(), statement(`"object":{"id":"a:b","stored":1}`), "property.unknown /object/stored"},
		{line(), statement(`"object":{"objectType":"Agent"}`), "actor.identifier /object"},
		{line(), statement(`"object":{"objectType":"StatementRef"}`), "property.missing /object"},
		{line(), statement(`"object":{"objectType":"StatementRef","id":"a:b"}`), "format.uuid /object/id"},
		{line(), statement(`"object":{"objectType":"StatementRef","id":"9dc99b37-e920-4a68-a066-917faca28949","definition":{}}`), "property.unknown /object"},
		{line(), statement(sub + `{"id":"q1"}}`), "format.iri /object/object/id"},
		{line(), statement(sub + `{"id":"a:b"},"id":"9dc99b37-e920-4a68-a066-917faca28949"}`), "property.unknown /object"},
		{line(), statement(sub + `{"id":"a:b"},"version":"1.0.0"}`), "property.unknown /object/version"},
		{line(), statement(`"object":{"objectType":"SubStatement","verb":{"id":"a:b"},"object":{"id":"a:b"}}`), "property.missing /object"},
		{line(), statement(sub + `{"objectType":"SubStatement"}}`), "object.nested /object/object"},
		{line(), statement(sub + `{"id":"a:b","verb":{}}}`), "property.unknown /object/object"},
		{line(), statement(sub + `{"objectType":"SubStatement","actor":{}}}`), "object.nested /object/object"},

		{line(), activityWith(`{"type":"quiz"}`), "format.iri /object/definition/type"},
		{line(), activityWith(`{"moreInfo":"page"}`), "format.iri /object/definition/moreInfo"},
		{line(), activityWith(`{"name":{"fr_FR":"x"}}`), "format.language /object/definition/name"},
		{line(), activityWith(`{"extensions":{"plain":1}}`), "format.iri /object/definition/extensions"},
		{line(), activityWith(`{"extensions":[]}`), "value.type /object/definition/extensions"},
		{line(), activityWith(`{"interactionType":"Choice"}`), "value.enum /object/definition/interactionType"},
		{line(), activityWith(`{"choices":[]}`), "property.missing /object/definition"},
		{line(), activityWith(`{"correctResponsesPattern":["x"]}`), "property.missing /object/definition"},
		{line(), activityWith(`{"interactionType":"choice","correctResponsesPattern":[1]}`), "value.type /object/definition/correctResponsesPattern/0"},
		{line(), activityWith(`{"interactionType":"choice","steps":[{"id":"a"}]}`), "definition.interaction /object/definition/steps"},
		{line(), activityWith(`{"interactionType":"choice","choices":[{"id":"a"},{"id":"a"}]}`), "definition.component_id /object/definition/choices/1"},
		{line(), activityWith(`{"interactionType":"likert","scale":[{"description":{"fr":"x"}}]}`), "property.missing /object/definition/scale/0"},

		{line(), statement(`"result":{"success":"true"}`), "value.type /result/success"},
		{line(), statement(`"result":{"completion":1}`), "value.type /result/completion"},
		{line(), statement(`"result":{"response":12}`), "value.type /result/response"},
		{line(), statement(`"result":{"duration":"PA1H0M0S"}`), "format.duration /result/duration"},
		{line(), statement(`"result":{"grade":12}`), "property.unknown /result"},
		{line(), statement(score + `{"scaled":1.01}}`), "score.range /result/score/scaled"},
		{line(), statement(score + `{"scaled":-1.01}}`), "score.range /result/score/scaled"},
		{line(), statement(score + `{"scaled":"0.5"}}`), "value.type /result/score/scaled"},
		{line(), statement(score + `{"raw":1e999}}`), "value.type /result/score/raw"},
		{line(), statement(score + `{"raw":11,"max":10}}`), "score.range /result/score/raw"},
		{line(), statement(score + `{"raw":-1,"min":0}}`), "score.range /result/score/raw"},
		{line(), statement(score + `{"min":10,"max":10}}`), "score.range /result/score/min"},

		{line(), statement(`"context":{"registration":"12"}`), "format.uuid /context/registration"},
		{line(), statement(`"context":{"instructor":{}}`), "actor.identifier /context/instructor"},
		{line(), statement(`"context":{"team":{"mbox":"mailto:a@b.example"}}`), "value.enum /context/team/objectType"},
		{line(), statement(`"context":{"language":"français"}`), "format.language /context/language"},
		{line(), statement(`"context":{"statement":{"id":"9dc99b37-e920-4a68-a066-917faca28949"}}`), "property.missing /context/statement"},
		{line(), statement(`"context":{"contextActivities":{"parents":[]}}`), "property.unknown /context/contextActivities"},
		{line(), statement(`"context":{"contextActivities":{"parent":"a:b"}}`), "value.type /context/contextActivities/parent"},
		{line(), statement(`"context":{"contextActivities":{"parent":[{"id":"a:b"},{"id":"b"}]}}`), "format.iri /context/contextActivities/parent/1/id"},
		{line(), statement(`"context":{"contextActivities":{"parent":{"objectType":"Agent","id":"a:b"}}}`), "value.enum /context/contextActivities/parent/objectType"},
		{line(), statement(`"context":{"contextAgents":[]}`), "property.unknown /context/contextAgents"},
		{line(), statement(`"context":{"revision":"1"}`, `"object":{"objectType":"Agent","mbox":"mailto:a@b.example"}`), "context.activity_only /context"},
		{line(), statement(`"context":{"platform":"x"}`, `"object":{"objectType":"StatementRef","id":"9dc99b37-e920-4a68-a066-917faca28949"}`), "context.activity_only /context"},

		{line(), statement(`"timestamp":"2021-11-29T23:09:00-00:00"`), "format.timestamp /timestamp"},
		{line(), statement(`"timestamp":"2021-11-29"`), "format.timestamp /timestamp"},
		{line(), statement(`"stored":"yesterday"`), "format.timestamp /stored"},
		{line(), statement(`"version":"1.1.0"`), "format.version /version"},
		{line(), statement(`"version":"2.0.0"`), "format.version /version"},
		{line(), statement(`"attachments":{}`), "value.type /attachments"},
		{line(), statement(attached(`"sha2":"495395e7"`)), "format.sha2 /attachments/0/sha2"},
		{line(), statement(attached(`"contentType":"text"`)), "format.media_type /attachments/0/contentType"},
		{line(), statement(attached(`"length":1.5`)), "value.type /attachments/0/length"},
		{line(), statement(attached(`"length":-1`)), "value.type /attachments/0/length"},
		{line(), statement(attached(`"display":"x"`)), "value.type /attachments/0/display"},
		{line(), statement(attached(`"fileUrl":"x"`)), "format.iri /attachments/0/fileUrl"},
		{line(), statement(`"attachments":[{"usageType":"x"}]`), "attachment.content /attachments/0; format.iri /attachments/0/usageType" + strings.Repeat("; property.missing /attachments/0", 4)},
		{line(), "[" + statement() + "," + statement(`"id":"x"`) + "]", "format.uuid /1/id"},
		{line(), "[" + statement(`"id":"9dc99b37-e920-4a68-a066-917faca28949"`) + "," + statement(`"id":"9DC99B37-e920-4a68-a066-917faca28949"`) + "]", "statement.repeated_id /1"},
	}
	var seen strings.Builder
	for _, row := range rows {
		if got := refusal(row.body, Options{Limits: DefaultLimits()}); got != row.want {
			t.Errorf("line %d:\n got %s\nwant %s", row.line, got, row.want)
		}
		seen.WriteString(row.want + "; ")
	}
	for code := range rules {
		elsewhere := code == TooMany || code == EmptyArray // TestLimits, TestRefusedByV2
		if !elsewhere && !strings.Contains(seen.String(), string(code)+" ") {
			t.Errorf("no row breaks the rule %s", code)
		}
	}
}

// What 2.0 adds has rules of its own, and faults name the section of 2.0.
func TestRefusedByV2(t *testing.T) {
	in := func(list string) string { return statement(`"context":{` + list + `}`) }
	const who = `{"mbox":"mailto:a@b.example"}`
	const group = `{"objectType":"Group","mbox":"mailto:a@b.example"}`
	rows := []struct {
		line int
		body string
		want string
	}{
		{line(), in(`"contextAgents":{}`), "value.type /context/contextAgents"},
		{line(), in(`"contextAgents":[` + who + `]`), "property.missing /context/contextAgents/0; property.missing /context/contextAgents/0; property.unknown /context/contextAgents/0/mbox"},
		{line(), in(`"contextAgents":[{"objectType":"Agent","agent":` + who + `}]`), "value.enum /context/contextAgents/0/objectType"},
		{line(), in(`"contextAgents":[{"objectType":"contextAgent"}]`), "property.missing /context/contextAgents/0"},
		{line(), in(`"contextAgents":[{"objectType":"contextAgent","agent":` + group + `}]`), "value.enum /context/contextAgents/0/agent/objectType"},
		{line(), in(`"contextAgents":[{"objectType":"contextAgent","agent":` + who + `,"relevantTypes":[]}]`), "value.empty /context/contextAgents/0/relevantTypes"},
		{line(), in(`"contextAgents":[{"objectType":"contextAgent","agent":` + who + `,"relevantTypes":["x"]}]`), "format.iri /context/contextAgents/0/relevantTypes/0"},
		{line(), in(`"contextGroups":[{"objectType":"contextGroup","group":` + who + `}]`), "value.enum /context/contextGroups/0/group/objectType"},
		{line(), in(`"contextGroups":[{"objectType":"contextGroup","group":` + group + `,"agent":` + who + `}]`), "property.unknown /context/contextGroups/0/agent"},
		{line(), statement(`"version":"2.1.0"`), "format.version /version"},
		{line(), statement(`"timestamp":"2021-11-29T23:09:00"`), "format.timestamp /timestamp"},
	}
	for _, row := range rows {
		if got := refusal(row.body, Options{V2: true, Limits: DefaultLimits()}); got != row.want {
			t.Errorf("line %d:\n got %s\nwant %s", row.line, got, row.want)
		}
		_, err := Decode([]byte(row.body), Options{V2: true, Limits: DefaultLimits()})
		faults, _ := errors.AsType[Faults](err)
		for _, f := range faults {
			if !strings.HasPrefix(f.Rule, "xAPI 2.0 ") || f.MessageFR == "" || f.MessageFR == f.Message {
				t.Errorf("line %d: got %+v", row.line, f)
			}
		}
	}
}

// refusal decodes a body and lists its faults, sorted.
func refusal(body string, o Options) string {
	_, err := Decode([]byte(body), o)
	faults, ok := errors.AsType[Faults](err)
	if !ok {
		return fmt.Sprint("accepted: ", err)
	}
	var list []string
	for _, f := range faults {
		list = append(list, string(f.Code)+" "+f.Pointer)
	}
	return sorted(list)
}

func TestLimits(t *testing.T) {
	limits := DefaultLimits()
	limits.Statements = 2
	three := "[" + statement() + "," + statement() + "," + statement() + "]"
	if got, want := refusal(three, Options{Limits: limits}), "limit.batch "; !strings.HasPrefix(got, want) {
		t.Errorf("three statements: got %s, want %s", got, want)
	}
	many := "[" + strings.Repeat(`{"id":1},`, 100) + `{}]`
	_, err := Decode([]byte(many), Options{Limits: DefaultLimits()})
	if faults, _ := errors.AsType[Faults](err); len(faults) != DefaultLimits().Faults {
		t.Errorf("got %d faults, want %d", len(faults), DefaultLimits().Faults)
	}
}

// Every code has a rule, and rules are complete.
func TestRules(t *testing.T) {
	for code, r := range rules {
		if r.v1 == "" || r.v2 == "" || r.text.en == "" || r.text.fr == "" {
			t.Errorf("%s has no rule", code)
		}
	}
	if f := newFault(BadIRI, "/verb/id", phrase{}, false); f.Rule != "xAPI Data 4.3" || f.Message == "" {
		t.Errorf("got %+v", f)
	}
}
