package event_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"brume/schemas/event"
	"brume/schemas/registry"
)

func drawEvent(t *rapid.T) *event.Event {
	return &event.Event{
		Actor:       event.NewActor(rapid.StringN(1, 40, event.MaxName).Draw(t, "actor")),
		Scope:       rapid.StringN(0, 40, event.MaxName).Draw(t, "scope"),
		Publisher:   rapid.Uint16().Draw(t, "publisher"),
		School:      registry.UAI(rapid.Uint32Range(0, 9_999_999).Draw(t, "school")),
		Level:       rapid.Uint8().Draw(t, "level"),
		Subject:     rapid.Uint8().Draw(t, "subject"),
		Tool:        rapid.Uint16().Draw(t, "tool"),
		Kind:        event.Kind(rapid.Uint8Range(0, uint8(event.Progressed)).Draw(t, "kind")),
		Outcome:     event.Outcome(rapid.Uint8Range(0, uint8(event.Success)).Draw(t, "outcome")),
		Score:       rapid.Int16Range(event.NoScore, 1000).Draw(t, "score"),
		Duration:    rapid.Int32Range(event.NoDuration, event.MaxDuration).Draw(t, "duration"),
		Hour:        rapid.Int32().Draw(t, "hour"),
		Received:    rapid.Int64().Draw(t, "received"),
		Fingerprint: rapid.Uint64().Draw(t, "fingerprint"),
	}
}

func TestParseReturnsWhatAppendWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawEvent(t)
		got, err := event.Parse(want.Append(nil))
		if err != nil || got != *want {
			t.Fatalf("differs: %v", err)
		}
	})
}

func TestParseRefusesEveryPrefixAndSuffix(t *testing.T) {
	b := sample().Append(nil)
	for n := range b {
		if _, err := event.Parse(b[:n]); err == nil {
			t.Errorf("%d of %d bytes accepted", n, len(b))
		}
	}
	if _, err := event.Parse(append(b, 0)); err == nil {
		t.Error("a trailing byte accepted")
	}
}

func TestInvalidEventsAreNamedNotShown(t *testing.T) {
	for name, spoil := range map[string]func(*event.Event){
		"actor":    func(e *event.Event) { e.Actor = event.Actor{} },
		"scope":    func(e *event.Event) { e.Scope = "canary\xff" },
		"school":   func(e *event.Event) { e.School = 10_000_000 },
		"kind":     func(e *event.Event) { e.Kind = event.Progressed + 1 },
		"outcome":  func(e *event.Event) { e.Outcome = event.Success + 1 },
		"score":    func(e *event.Event) { e.Score = 1001 },
		"duration": func(e *event.Event) { e.Duration = event.MaxDuration + 1 },
	} {
		e := sample()
		spoil(e)
		err := e.Validate()
		if !errors.Is(err, event.ErrInvalid) || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := event.Parse(e.Append(nil)); err == nil {
			t.Errorf("%s: parsed", name)
		}
	}
}

func TestEventsAndActorsDoNotPrint(t *testing.T) {
	e := sample()
	held := struct {
		E event.Event
		P *event.Event
		A map[event.Actor]int
	}{*e, e, map[event.Actor]int{e.Actor: 1}}
	for _, v := range []any{*e, e, e.Actor, &e.Actor, held, &held, []event.Event{*e}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			refuseCanary(t, verb, fmt.Sprintf(verb, v))
		}
	}
	for _, v := range []any{*e, e, e.Actor, map[event.Actor]int{e.Actor: 1}} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		refuseCanary(t, "json", string(b))
	}
}

func refuseCanary(t *testing.T, how, printed string) {
	t.Helper()
	hexed := fmt.Sprintf("%x", "canary")
	if strings.Contains(printed, "canary") || strings.Contains(strings.ToLower(printed), hexed) || strings.Contains(printed, "130001") {
		t.Errorf("%s prints %s", how, printed)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample().Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := event.Parse(b)
		if err != nil {
			return
		}
		if again := e.Append(nil); string(again) != string(b) {
			t.Errorf("two encodings of one event: %x and %x", b, again)
		}
	})
}
