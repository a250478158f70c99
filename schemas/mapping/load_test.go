package mapping

import (
	"strings"
	"testing"

	"brume/schemas/event"
	"brume/schemas/registry"
)

func TestShipped(t *testing.T) {
	for _, name := range ShippedNames() {
		if m := shippedMapping(t, name); m.Name != name {
			t.Errorf("mapping %s calls itself %s", name, m.Name)
		}
	}
	if _, err := Shipped("../doc"); err == nil {
		t.Error("a mapping outside the shipped ones loads")
	}
}

// The recorded statements count in a school that the demonstration has.
func TestRecordedSchool(t *testing.T) {
	e, _, ok := shippedMapping(t, "fun-mooc").Event(decode(t, body("a:b", "")), registry.Demonstration(1), Reception{Time: noon})
	if !ok || e.School != registry.DemonstrationLycee {
		t.Errorf("got school %s, want %s", e.School, registry.DemonstrationLycee)
	}
}

// Every fault is reported at once.
func TestFaultsAtLoad(t *testing.T) {
	_, err := Parse([]byte(`
name: Bad Name
identifiers: [account, phone]
teacher:
  - pointer: /context/platform
school:
  - pointer: /actor/account/name
  - fixed: 0139101A
  - pointer: /context/platform
    table: {x: nowhere}
  - {}
level:
  - fixed: 6e
    prefix: x
  - pointer: /context/contextActivities/grouping/x/id
  - pointer: /context/contextActivities/group/0/id
  - pointer: /object/definition/name/fr
  - pointer: /context/contextActivities/other/01/id
  - {pointer: /context/platform, absent: true}
subject:
  - pointer: /context/extensions/
  - {pointer: /context/platform, match: "("}
  - {pointer: /context/platform, match: "(a)(b)"}
  - {pointer: [/context/platform, /actor/mbox]}
  - {pointer: /context/contextActivities/parent/*/definition/name/fr}
  - {pointer: /context/contextActivities/parent/*/definition/extensions/}
whole:
  - pointer: /verb/id
  - {pointer: /verb/id, absent: true, prefix: x}
duration:
  - fixed: x
verbs:
  a:b: jumped
  read: viewed
`))
	if err == nil {
		t.Fatal("loads")
	}
	for _, want := range []string{"name:", "version:", `"phone"`, "teacher[0]", "school[0]", "school[1]", "school[2]: table", "school[3]",
		"level[0]", "level[1]", "level[2]", "level[3]", "level[4]", "level[5]", "subject[0]",
		"subject[1]: match", "subject[2]: match", `subject[3]: pointer "/actor/mbox"`, "subject[4]", "subject[5]", "whole[0]", "whole[1]", "duration[0]", `"jumped"`, `"read" is not an IRI`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("does not say %s:\n%v", want, err)
		}
	}
	for _, text := range []string{"name: x\nversion: 1\nscool: []", "name: x\nname: y\nversion: 1", "[", "", "name: x\nversion: 1\n---\nname: y\nversion: 1",
		"name: x\nversion: 1\nlevel: [{pointer: []}]", "name: x\nversion: 1\nlevel: [{pointer: {a: b}}]", "name: x\nversion: 1\nlevel: [{pointer: /verb/id, match: " + strings.Repeat("a", 513) + "}]"} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q loads", text)
		}
	}
}

// Rules are tried in order until one gives a code of the registry.
func TestAlternatives(t *testing.T) {
	m, err := Parse([]byte(`
name: x
version: 1
school:
  - pointer: /context/extensions/a:school/code/1
  - pointer: /actor/account/homePage
    table: {https://ent.aix.example: 0139101X}
level:
  - pointer: /context/extensions/a:class
    table: {sixième B: 6e}
  - pointer: /context/contextActivities/grouping/*/definition/type
    prefix: "l:"
  - pointer: /context/contextActivities/parent/1/id
  - fixed: tle
verbs:
  a:b: completed
`))
	if err != nil {
		t.Fatal(err)
	}
	rows := []struct {
		line    int
		context string
		level   uint8
		school  registry.UAI
	}{
		{line(), `{}`, 7, 139101},
		{line(), `{"extensions":{"a:class":"sixi\u00e8me B","a:school":{"code":["", "` + uai + `"]}}}`, 1, 139101},
		{line(), `{"extensions":{"a:class":12,"a:school":{"code":"x"}}}`, 7, 139101},
		{line(), `{"extensions":{"a:class":null,"a:school":[]}}`, 7, 139101},
		{line(), `{"contextActivities":{"grouping":[{"id":"a:b"},{"id":"a:c","definition":{"type":"l:6e"}}]}}`, 1, 139101},
		{line(), `{"contextActivities":{"parent":[{"id":"a:b"},{"id":"a:c"}]}}`, 7, 139101},
	}
	for _, row := range rows {
		e, _, ok := m.Event(decode(t, body("a:b", `,"context":`+row.context)), tinyRegistry(), Reception{Time: noon})
		if !ok || e.Level != row.level || e.School != row.school || e.Kind != event.Completed {
			t.Errorf("line %d: got level %d, school %s, kind %d", row.line, e.Level, e.School, e.Kind)
		}
	}
}

func TestVerbs(t *testing.T) {
	m := shippedMapping(t, "generic")
	for verb, want := range map[string]event.Kind{
		"http://adlnet.gov/expapi/verbs/answered":       event.Answered,
		"https://w3id.org/xapi/adl/verbs/satisfied":     event.Completed,
		"https://w3id.org/xapi/video/verbs/paused":      event.Progressed,
		"http://id.tincanapi.com/verb/viewed":           event.Viewed,
		"http://activitystrea.ms/schema/1.0/submit":     event.Answered,
		"http://activitystrea.ms/submit":                event.Answered,
		"https://w3id.org/xapi/dod-isd/verbs/navigated": event.Viewed,
		"https://w3id.org/xapi/tla/verbs/resumed":       event.Attempted,
	} {
		if got, known := m.Kind(verb); got != want || !known {
			t.Errorf("%s: got %v, %v", verb, got, known)
		}
	}
	if _, known := m.Kind("a:unheard-of"); known {
		t.Error("an unknown verb is known")
	}
}

// Every verb that the tools emit is in a table, by the vocabulary that it is
// of: Moodle's plug-in 4 and 5, Open edX, H5P, cmi5, the video profile.
func TestVerbsOfTools(t *testing.T) {
	m := shippedMapping(t, "generic")
	for space, names := range map[string]string{
		adl: "answered asked attempted attended commented completed exited experienced failed imported initialized interacted launched mastered passed " +
			"preferred progressed registered responded resumed scored shared suspended terminated downloaded copied accessed-reuse accessed-embed accessed-copyright",
		adlW3ID:   "abandoned waived satisfied logged-in logged-out",
		video:     "played paused seeked",
		tinCan:    "viewed unregistered earned replied adjourned live secured unsecured",
		streams:   "start submit receive create join leave retract consume",
		streamsAt: "create delete join leave send submit start add remove assign",
		acrossX:   "evaluated posted edited reported searched",
		dodISD:    "navigated deleted assessed edited published",
		tla:       "achieved forfeited resumed scored suspended verified",
		edlm:      "enrolled exceeded locked login logout restarted subscribed toured uncompleted unlocked unsubscribed",
		brindle:   "loggedin loggedout",
		openEdX:   "voted unreported",
	} {
		for name := range strings.FieldsSeq(names) {
			if _, known := m.Kind(space + name); !known {
				t.Errorf("%s%s is in no table", space, name)
			}
		}
	}
}

// No verb is listed twice.
func TestVocabularyIsATable(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range vocabulary {
		for _, name := range v.verbs {
			if seen[v.space+name] {
				t.Errorf("%s%s is listed twice", v.space, name)
			}
			seen[v.space+name] = true
		}
	}
	listed := map[string]bool{}
	for _, names := range activityStreams {
		for _, name := range names {
			if listed[name] {
				t.Errorf("%s is listed twice", name)
			}
			listed[name] = true
		}
	}
}
