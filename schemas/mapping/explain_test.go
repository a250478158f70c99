package mapping

import (
	"encoding/json/v2"
	"slices"
	"strings"
	"testing"

	"brume/schemas/event"
	"brume/schemas/registry"
)

// fieldsOf finds a field of an explanation.
func fieldOf(x *Explanation, name string) Field {
	i := slices.IndexFunc(x.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}
	}
	return x.Fields[i]
}

func TestExplain(t *testing.T) {
	m := rules(t, `
school:
  - {pointer: /actor/account/homePage, table: {https://ent.aix.example: 0139101X}}
level:
  - {pointer: /context/platform, match: 'C(.*)'}
  - {pointer: /context/language, prefix: zz}
  - {fixed: tle}
subject:
  - {pointer: [/context/contextActivities/grouping/*/id, /context/platform], table: {Clatin: mathematiques}}
duration:
  - {pointer: /verb/id, values: ['a:end']}
`)
	x := m.Explain(decode(t, body("a:unheard", `,"result":{"score":{"raw":3},"duration":"PT3S"},"context":{"platform":"C4e","language":"fr"}`)), tinyRegistry(), Reception{Publisher: "p", Time: noon})
	rows := []struct {
		line             int
		field, value, by string
		steps            []string
	}{
		{line(), "kind", "other", "no table lists the verb", []string{"a:unheard no table lists the verb"}},
		{line(), "school", uai, "school[0]", []string{"https://ent.aix.example taken"}},
		{line(), "level", "tle", "level[2]", []string{"C4e not in the registry", "fr does not fit the rule", " taken"}},
		{line(), "subject", "other", "", []string{" nothing there", "C4e not in the registry"}},
		{line(), "tool", "calcul", "prefix of the activity id", nil},
		{line(), "outcome", "", "not stated", nil},
		{line(), "score", "", "raw without a usable min and max", nil},
		{line(), "duration", "", string(fromOthers), []string{"a:unheard does not fit the rule"}},
		{line(), "hour", "2026-09-14T12Z", "time of receipt", nil},
	}
	for _, row := range rows {
		f := fieldOf(&x, row.field)
		var steps []string
		for _, s := range f.Steps {
			steps = append(steps, s.Found+" "+s.Result)
		}
		if f.Value != row.value || f.From != row.by || !slices.Equal(steps, row.steps) {
			t.Errorf("line %d: %s is %q by %q, steps %q", row.line, row.field, f.Value, f.From, steps)
		}
	}
	var unmapped []string
	x.Unmapped(func(field, value string) { unmapped = append(unmapped, field+" "+value) })
	if want := []string{"kind a:unheard", "subject C4e"}; !slices.Equal(unmapped, want) {
		t.Errorf("unmapped %q, want %q", unmapped, want)
	}
}

// A dropped statement names the rule.
func TestExplainDrop(t *testing.T) {
	x := shippedMapping(t, "generic").Explain(decode(t, body("a:b", `,"context":{"extensions":{"`+ext+`role":"teacher"}}`)), tinyRegistry(), Reception{Time: noon})
	if f := fieldOf(&x, "teacher"); x.Drop != DropTeacher || f.From != "teacher[0]" || len(x.Fields) != 1 {
		t.Errorf("got %+v", x)
	}
}

// An activity id is shown up to its path only, unless the mapping reads it.
func TestExplainTool(t *testing.T) {
	for id, want := range map[string]string{
		"https://x.example/users/ada?q=1#b": "https://x.example", "http://ada:secret@x.example/a": "http://x.example",
		"mailto:ada@x.example": "mailto:", "urn:uuid:ada": "urn:", "https://x.example": "https://x.example",
	} {
		text := strings.Replace(body("a:b", ""), "https://calcul.example/exercise/12", id, 1)
		x := shippedMapping(t, "generic").Explain(decode(t, text), tinyRegistry(), Reception{Time: noon})
		if f := fieldOf(&x, "tool"); len(f.Steps) != 1 || f.Steps[0].Found != want || f.Value != registry.Other {
			t.Errorf("%s: got %+v", id, f)
		}
	}
}

// No explanation names a person, whatever the mapping: neither the people of a
// statement nor its free text are at a place that a pointer can reach.
func TestCanaryInExplanations(t *testing.T) {
	const people = `{"actor":{"name":"CANARY","account":{"homePage":"https://ent.example","name":"CANARY"}},
"verb":{"id":"a:b","display":{"fr":"CANARY"}},
"object":{"id":"https://moodle.example/CANARY","definition":{"name":{"fr":"CANARY"},"description":{"fr":"CANARY"},"interactionType":"choice",
 "correctResponsesPattern":["CANARY"],"choices":[{"id":"CANARY","description":{"fr":"CANARY"}}]}},
"result":{"response":"CANARY"},
"context":{"instructor":{"name":"CANARY","mbox":"mailto:CANARY@b.example"},"team":{"objectType":"Group","name":"CANARY","mbox":"mailto:CANARY@b.example"},
 "contextActivities":{"parent":[{"id":"https://ent.example/x","definition":{"name":{"fr":"CANARY"},"extensions":{"a:other":"CANARY"}}}]},"extensions":{"a:other":"CANARY"}},
"authority":{"name":"CANARY","mbox":"mailto:CANARY@b.example"}}`
	for _, name := range ShippedNames() {
		for _, m := range []*Mapping{shippedMapping(t, name), filled(t, name)} {
			text := people
			for _, r := range slices.Concat(m.Teacher, m.School, m.Level, m.Subject) {
				if slices.Contains(r.Pointer, "/object/id") {
					text = strings.Replace(people, "moodle.example/CANARY", "moodle.example/x", 1) // the mapping names it
				}
			}
			b, err := json.Marshal(m.Explain(decode(t, text), tinyRegistry(), Reception{Time: noon}))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(b), "CANARY") {
				t.Errorf("%s: %s", name, b)
			}
		}
	}
}

// No pointer reaches a person, and what the table of places grows by must pass
// here too.
func TestNoPointerToAPerson(t *testing.T) {
	var places []string
	for p := range texts {
		places = append(places, p)
	}
	for p := range extensionMaps {
		places = append(places, p+"a:b")
	}
	for list := range contextActivities {
		for _, p := range []string{"/*/id", "/0/definition/type", "/1/definition/extensions/a:b"} {
			places = append(places, "/context/contextActivities/"+list+p)
		}
	}
	st := decode(t, strings.ReplaceAll(strings.ReplaceAll(canaries, `"a:CANARY":`, `"a:b":`), `"4711"`, `"CANARY"`))
	for _, p := range places {
		path, err := compile(p)
		if err != nil {
			t.Errorf("%s: %v", p, err)
			continue
		}
		text, _ := path.at(st, 0)
		if person := strings.HasPrefix(p, "/actor") && strings.Contains(text, "CANARY"); person {
			t.Errorf("%s reads %q", p, text)
		}
	}
	for _, p := range []string{
		"/actor/account/name", "/actor/name", "/actor/mbox", "/actor/mbox_sha1sum", "/actor/openid", "/actor/member/0/name", "/actor",
		"/object/name", "/object/mbox", "/object/account/homePage", "/object/actor/name", "/object/definition/name/fr", "/object/definition/description/fr",
		"/result/response", "/context/instructor/name", "/context/instructor/account/homePage", "/context/team/name", "/context/registration", "/context/statement/id",
		"/context/contextAgents/0/agent/name", "/authority/name", "/authority/account/homePage", "/attachments/0/display/fr", "/id", "/", "",
		"/context/contextActivities/parent/0/definition/name/fr", "/context/contextActivities/parent/0", "/context/contextActivities/parent/*/definition/extensions",
		"/context/extensions", "/context/contextActivities/parent/-1/id", "/context/contextActivities//0/id",
	} {
		if _, err := compile(p); err == nil {
			t.Errorf("%s loads", p)
		}
	}
}

// Explain and Event agree, whatever the statement.
func agree(t *testing.T, m *Mapping, e event.Event, reason Drop, x *Explanation, reg *registry.Registry) {
	t.Helper()
	if x.Drop != reason {
		t.Fatalf("explained as %q, dropped as %q", x.Drop, reason)
	}
	if reason != Kept {
		return
	}
	for name, want := range values(&e, reg) {
		if got := fieldOf(x, name).Value; got != want {
			t.Fatalf("%s: explained as %q, mapped to %q by %s", name, got, want, m.Name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range ShippedNames() {
		source, err := Source(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	f.Add([]byte("name: x\nversion: 1\nlevel: [{pointer: /context/platform, match: '((((a{99}){99}))))'}]"))
	f.Add([]byte("a: &a [*a]\nname: *a"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := Parse(text)
		if err != nil {
			return
		}
		st, reg := decode(t, canaries), tinyRegistry()
		e, reason, ok := m.Event(st, reg, Reception{Time: noon})
		if ok != (reason == Kept) || strings.Contains(e.Scope, "CANARY") {
			t.Fatal("a mapping that loads breaks a promise")
		}
		x := m.Explain(st, reg, Reception{Time: noon})
		agree(t, m, e, reason, &x, reg)
	})
}
