package mapping

import (
	"bytes"
	"encoding/json/jsontext"
	"fmt"
	"strings"
	"testing"

	"brume/schemas/event"
	"brume/schemas/xapi"
)

// A statement with a canary in every field that lets free text in.
const canaries = `{"id":"9dc99b37-e920-4a68-a066-917faca28949",
"actor":{"name":"CANARY","account":{"homePage":"https://ent.example","name":"4711"}},
"verb":{"id":"https://CANARY.example/verb","display":{"fr":"CANARY"}},
"object":{"id":"https://CANARY.example/object","definition":{"name":{"fr":"CANARY"},"description":{"fr":"CANARY"},"type":"a:CANARY",
 "moreInfo":"https://CANARY.example","interactionType":"choice","correctResponsesPattern":["CANARY"],
 "choices":[{"id":"CANARY","description":{"fr":"CANARY"}}],"extensions":{"a:CANARY":"CANARY","` + ext + `activity-subject":"CANARY"}}},
"result":{"response":"CANARY","extensions":{"a:CANARY":"CANARY","` + playedSegments + `":"CANARY"}},
"context":{"instructor":{"name":"CANARY","mbox":"mailto:CANARY@CANARY.example"},"team":{"objectType":"Group","name":"CANARY","mbox":"mailto:CANARY@b.example",
 "member":[{"name":"CANARY","openid":"https://CANARY.example"}]},"revision":"CANARY","platform":"CANARY",
 "contextActivities":{"parent":{"id":"a:CANARY"},"grouping":[{"id":"https://brume.example/school/CANARY"}],"category":[],"other":[{"id":"a:CANARY","definition":{"name":{"fr":"CANARY"}}}]},
 "extensions":{"` + ext + `uai":"CANARY","` + ext + `level":"CANARY","a:CANARY":{"CANARY":["CANARY"]}}},
"authority":{"name":"CANARY","mbox":"mailto:CANARY@CANARY.example"},
"attachments":[{"usageType":"a:CANARY","display":{"fr":"CANARY"},"description":{"fr":"CANARY"},"contentType":"x/CANARY","length":1,
 "sha2":"495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a","fileUrl":"https://CANARY.example"}]}`

// Nothing that a mapping does not name reaches the event, whatever the field.
func TestCanary(t *testing.T) {
	for _, name := range ShippedNames() {
		m := shippedMapping(t, name)
		e, reason, ok := m.Event(decode(t, canaries), tinyRegistry(), Reception{Publisher: "p", Time: noon})
		if !ok {
			t.Fatalf("%s: dropped: %s", name, reason)
		}
		text := fmt.Sprintf("%q %q %d %d %d %d", e.Actor.Reveal(), e.Scope, e.School, e.Level, e.Subject, e.Tool)
		if strings.Contains(text, "CANARY") {
			t.Errorf("%s: a canary reached the event: %s", name, text)
		}
	}
}

// A fault in any place of the statement gives no value of it away: every
// scalar in turn becomes a boolean or a number with a broken neighbour.
func TestCanaryInFaults(t *testing.T) {
	for i := strings.Index(canaries, `"CANARY"`); i >= 0; {
		for _, broken := range []string{`"CANARY`, `{"CANARY":null}`, `["CANARY",{"CANARY":1,"CANARY":1}]`, `"CANARY\ud800"`, `"CANARY","CANARY":"CANARY"`} {
			text := canaries[:i] + broken + canaries[i+len(`"CANARY"`):]
			_, err := xapi.Decode([]byte(text), xapi.Options{Limits: xapi.DefaultLimits()})
			if err != nil && strings.Contains(err.Error(), "CANARY") {
				t.Errorf("offset %d with %s: %v", i, broken, err)
			}
		}
		next := strings.Index(canaries[i+1:], `"CANARY"`)
		if next < 0 {
			break
		}
		i += 1 + next
	}
}

func FuzzEvent(f *testing.F) {
	f.Add([]byte(canaries))
	f.Add([]byte(body("http://adlnet.gov/expapi/verbs/answered", `,"result":{"score":{"raw":1,"max":3},"extensions":{"`+playedSegments+`":"0[.]1"}}`)))
	f.Add([]byte(body("a:b", `,"context":{"extensions":{"`+ext+`uai":["x"],"`+ext+`level":null}}`)))
	reg, m := tinyRegistry(), shippedMapping(f, "generic")
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := xapi.Decode(text, xapi.Options{Limits: xapi.DefaultLimits()})
		if err != nil {
			return
		}
		for i := range b.Statements {
			e, reason, ok := m.Event(&b.Statements[i], reg, Reception{Time: noon})
			if ok != (reason == Kept) {
				t.Fatal("a reason without a drop")
			}
			x := m.Explain(&b.Statements[i], reg, Reception{Time: noon})
			agree(t, m, e, reason, &x, reg)
			if ok && (e.Actor.Reveal() == "" || e.Score < -1 || e.Score > 1000 || e.Duration < -1 || e.Duration > event.MaxDuration ||
				e.Received > noon.Unix() || int64(e.Hour)*3600 > e.Received) {
				t.Fatal("a fact is out of its range")
			}
		}
	})
}

func FuzzScalar(f *testing.F) {
	f.Add(`{"a":[1,{"b":"c"}]}`, "a/1/b")
	f.Add(`"x"`, "")
	f.Fuzz(func(t *testing.T, text, tokens string) {
		if v := jsontext.Value(bytes.TrimSpace([]byte(text))); v.IsValid() {
			scalar(string(v), strings.Split(tokens, "/"))
			scalar(string(v), nil)
		}
	})
}

func BenchmarkDecodeAndMap(b *testing.B) {
	text := []byte(body("http://adlnet.gov/expapi/verbs/answered", `,"result":{"success":true,"score":{"scaled":0.8766},"duration":"PT61S"},`+
		`"timestamp":"2026-09-14T09:59:59Z","context":{"extensions":{"`+ext+`uai":"`+uai+`","`+ext+`level":"6e","`+ext+`subject":"mathematiques"}}`))
	m, reg, o := shippedMapping(b, "generic"), tinyRegistry(), xapi.Options{Limits: xapi.DefaultLimits()}
	at := Reception{Publisher: "p", Time: noon}
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		batch, err := xapi.Decode(text, o)
		if err != nil {
			b.Fatal(err)
		}
		if _, reason, ok := m.Event(&batch.Statements[0], reg, at); !ok {
			b.Fatal(reason)
		}
	}
}
