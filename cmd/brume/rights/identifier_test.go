package rights_test

import (
	"encoding/json/v2"
	"fmt"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"brume/anonymize/pseudonym"
	"brume/cmd/brume/rights"
	"brume/schemas/event"
	"brume/schemas/mapping"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/xapi"
)

// TestParseIsIngest: what an operator types is the person whom ingest sees in a
// publisher's statement.
func TestParseIsIngest(t *testing.T) {
	m, err := mapping.Shipped(mapping.Default)
	if err != nil {
		t.Fatal(err)
	}
	for text, actor := range map[string]string{
		"https://ent.aix.example canary-4711\n":                                        `{"account":{"homePage":"https://ent.aix.example","name":"canary-4711"}}`,
		`{"account":{"name":"canary\u002d4711","homePage":"https://ent.aix.example"}}`: `{"objectType":"Agent","name":"x","account":{"homePage":"https://ent.aix.example","name":"canary-4711"}}`,
		`{"account":{"homePage":"https://ent.aix.example","name":"canary 47|11"}}`:     `{"account":{"homePage":"https://ent.aix.example","name":"canary 47|11"}}`,
		" mailto:Canary@Ent.Example ":                                                  `{"mbox":"mailto:Canary@ent.example"}`,
		"EBD31E95054C018B10727CCFFD2EF2EC3A016EE9":                                     `{"mbox_sha1sum":"ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}`,
		"https://id.example/canary":                                                    `{"openid":"https://id.example/canary"}`,
	} {
		got, err := rights.Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		e := sent(t, m, actor)
		if !got.Actor.Equal(e.Actor) || got.Home != e.Scope {
			t.Errorf("%q is another person than ingest sees", text)
		}
		if j, _ := json.Marshal(got); strings.Contains(fmt.Sprintf("%v %+v %#v %s", got, got, got, j), "anary") {
			t.Errorf("%q prints", text)
		}
	}
}

// sent is the event that ingest makes of an actor's statement.
func sent(t *testing.T, m *mapping.Mapping, actor string) event.Event {
	t.Helper()
	b, err := xapi.DecodeText(`{"actor":`+actor+`,"verb":{"id":"http://adlnet.gov/expapi/verbs/answered"},"object":{"id":"https://tool.example/1"}}`,
		xapi.Options{Limits: xapi.DefaultLimits()})
	if err != nil {
		t.Fatal(err)
	}
	e, reason, ok := m.Event(&b.Statements[0], registry.Demonstration(1), mapping.Reception{})
	if !ok {
		t.Fatalf("dropped: %v", reason)
	}
	return e
}

func TestParseRefusesWithoutQuoting(t *testing.T) {
	for _, text := range []string{
		"", " ", "canary", "canary canary canary", "{", `{"name":"canary"}`, `{"mbox":"canary"}`, `{"account":{"name":"canary"}}`,
		`{"objectType":"Group","account":{"homePage":"https://ent.aix.example","name":"canary"}}`, `{"objectType":"Group","member":[]}`,
		`{"mbox":"mailto:canary@x.example","openid":"https://canary.example"}`, `{"mbox":"mailto:canary@x.example"},"verb":{}`,
		`{"canary":1,"mbox":"mailto:canary@x.example"}`, `[{"mbox":"mailto:canary@x.example"}]`, "mailto:canary",
	} {
		_, err := rights.Read(strings.NewReader(text))
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestNames: a person has one name where identifiers are shared, one for each
// publisher where they are not, and none where the policy counts no such.
func TestNames(t *testing.T) {
	handle, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	key, err := pseudonym.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	who, err := rights.Parse("https://ent.aix.example 4711")
	if err != nil {
		t.Fatal(err)
	}
	shared := &policy.Policy{SchoolYear: "2026-2027", Identity: policy.Identity{Scope: policy.ScopeShared, HomePages: []string{"https://ent.aix.example"}}}
	apart := &policy.Policy{SchoolYear: "2026-2027", Identity: policy.Identity{Scope: policy.ScopePerPublisher}}
	elsewhere := &policy.Policy{SchoolYear: "2026-2027", Identity: policy.Identity{Scope: policy.ScopeShared, HomePages: []string{"https://x.example"}}}
	one, three, none := who.Names(shared, key, nil), who.Names(apart, key, []uint16{1, 2, 7}), who.Names(elsewhere, key, nil)
	if len(one) != 1 || len(three) != 3 || len(none) != 0 {
		t.Fatalf("%d, %d and %d names", len(one), len(three), len(none))
	}
	if want := key.Of("publisher/7", who.Actor.Reveal()); three[2].Pupil != want || three[2].Token != key.Token(want) || three[0].Token == three[1].Token {
		t.Error("the names are not those of folding")
	}
	if want := key.Of(policy.ScopeShared, who.Actor.Reveal()); one[0].Pupil != want || one[0].Token != key.Token(want) {
		t.Error("the name is not that of folding")
	}
}
