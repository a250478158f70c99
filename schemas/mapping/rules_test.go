package mapping

import (
	"fmt"
	"strings"
	"testing"

	"brume/schemas/event"
)

// rules is a mapping with the given YAML beside its name.
func rules(t testing.TB, yaml string) *Mapping {
	t.Helper()
	m, err := Parse([]byte("name: x\nversion: 1\n" + yaml))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMatch(t *testing.T) {
	m := rules(t, `
level:
  - pointer: [/context/extensions/a:class, /context/contextActivities/parent/*/definition/extensions/a:label]
    prefix: "classe "
    match: '([1-6T])(?:e|re)?[ -]?[0-9A-Z]{0,2}'
    table: {"6": 6e, T: tle}
  - pointer: /context/platform
    match: 6e|tle
`)
	class := func(s string) string { return fmt.Sprintf(`{"extensions":{"a:class":%q}}`, s) }
	label := func(s string) string {
		return fmt.Sprintf(`{"extensions":{"a:class":"?"},"contextActivities":{"parent":[{"id":"a:b"},{"id":"a:c","definition":{"extensions":{"a:label":%q}}}]}}`, s)
	}
	rows := []struct {
		line    int
		context string
		level   uint8
	}{
		{line(), class("classe 6e B"), 1},
		{line(), class("classe 601"), 1},
		{line(), class("classe T-S2"), 7},
		{line(), class("classe 6e groupe de soutien"), 0},
		{line(), class("une classe 6e"), 0},
		{line(), class("classe 5e"), 0}, // no entry of the table, no code of the registry
		{line(), class("classe " + strings.Repeat("6", 200)), 0},
		{line(), label("classe 6A"), 1},
		{line(), `{"platform":"tle"}`, 7},
		{line(), `{"platform":"tle, 6e"}`, 0},
	}
	for _, row := range rows {
		e, _, ok := m.Event(decode(t, body("a:b", `,"context":`+row.context)), tinyRegistry(), Reception{Time: noon})
		if !ok || e.Level != row.level {
			t.Errorf("line %d: got level %d, want %d", row.line, e.Level, row.level)
		}
	}
}

// A list is read up to a bound, whatever its length.
func TestPositions(t *testing.T) {
	m := rules(t, "level: [{pointer: /context/contextActivities/other/*/id, prefix: 'l:'}]")
	for _, row := range []struct {
		before int
		level  uint8
	}{{0, 1}, {maxPositions - 1, 1}, {maxPositions, 0}} {
		list := strings.Repeat(`{"id":"x:y"},`, row.before) + `{"id":"l:6e"}`
		e, _, _ := m.Event(decode(t, body("a:b", `,"context":{"contextActivities":{"other":[`+list+`]}}`)), tinyRegistry(), Reception{Time: noon})
		if e.Level != row.level {
			t.Errorf("after %d: got level %d", row.before, e.Level)
		}
	}
}

// What is done to a part is progress on the whole, and implies no outcome.
func TestWhole(t *testing.T) {
	m := rules(t, `
verbs: {a:finish: completed, a:fail: failed, a:open: viewed}
whole:
  - {pointer: /context/contextActivities/category/*/id, values: ["c:whole"]}
  - {pointer: /result/extensions/a:part, absent: true}
`)
	whole, part := `,"context":{"contextActivities":{"category":{"id":"c:whole"}}}`, `,"result":{"extensions":{"a:part":3}}`
	rows := []struct {
		line    int
		verb    string
		rest    string
		kind    event.Kind
		outcome event.Outcome
	}{
		{line(), "a:finish", "", event.Completed, event.NoOutcome},
		{line(), "a:finish", part, event.Progressed, event.NoOutcome},
		{line(), "a:finish", part + whole, event.Completed, event.NoOutcome},
		{line(), "a:fail", part, event.Progressed, event.NoOutcome},
		{line(), "a:fail", whole, event.Failed, event.Failure},
		{line(), "a:open", part, event.Viewed, event.NoOutcome},
	}
	for _, row := range rows {
		e, _, _ := m.Event(decode(t, body(row.verb, row.rest)), tinyRegistry(), Reception{Time: noon})
		if e.Kind != row.kind || e.Outcome != row.outcome {
			t.Errorf("line %d: got %s, outcome %d", row.line, KindName(e.Kind), e.Outcome)
		}
	}
}

func TestDurationOfSome(t *testing.T) {
	m := rules(t, "duration: [{pointer: /verb/id, values: ['a:end']}]")
	for verb, want := range map[string]int32{"a:end": 61, "a:pass": event.NoDuration} {
		e, _, _ := m.Event(decode(t, body(verb, `,"result":{"duration":"PT61S"}`)), tinyRegistry(), Reception{Time: noon})
		if e.Duration != want {
			t.Errorf("%s: got %d, want %d", verb, e.Duration, want)
		}
	}
}

// A unit that was waived is nobody's success, though the statement says so.
func TestWaived(t *testing.T) {
	e, _, _ := shippedMapping(t, "cmi5").Event(decode(t, body(waived, `,"result":{"success":true}`)), tinyRegistry(), Reception{Time: noon})
	if e.Outcome != event.NoOutcome || e.Kind != event.Other {
		t.Errorf("got %s, outcome %d", KindName(e.Kind), e.Outcome)
	}
}

// The work of matching is bounded at load: what a * looks at, how long a text
// may be, and the steps of all patterns together, whatever a publisher sends.
func TestMatchBounds(t *testing.T) {
	for _, name := range ShippedNames() {
		if n := filled(t, name).steps(); n > maxSteps {
			t.Errorf("%s: %d steps", name, n)
		}
	}
	level := "name: m\nversion: 1\nlevel:\n"
	rule := "- {pointer: [/object/id, /context/contextActivities/parent/*/id], match: '[ab]+c'}\n"
	if m, err := Parse([]byte(level + rule)); err != nil || m.steps() != (1+maxPositions)*m.Level[0].instructions*(maxMatch+1) {
		t.Errorf("%d steps, %v", m.steps(), err)
	}
	for _, many := range []string{strings.Repeat(rule, 40), "- {pointer: /object/id, match: '(?:[ab]{50}){20}'}\n"} {
		if _, err := Parse([]byte(level + many)); err == nil || !strings.Contains(err.Error(), "steps") {
			t.Errorf("loaded: %.80s: %v", many, err)
		}
	}
}

// BenchmarkHostile maps a batch whose every list is full of texts that nearly
// match: want less than 50 ms.
func BenchmarkHostile(b *testing.B) {
	m, reg := filled(b, "openedx"), tinyRegistry()
	near := "https://cours.brume.example/course/course-v1:A+B+" + strings.Repeat("~", maxMatch-14)
	list := strings.TrimSuffix(strings.Repeat(`{"id":"`+near+`"},`, maxPositions), ",")
	st := decode(b, body("a:b", `,"context":{"contextActivities":{"parent":[`+list+`],"grouping":[`+list+`]}}`))
	for b.Loop() {
		for range 1000 {
			m.Event(st, reg, Reception{Time: noon})
		}
	}
}
