package tally

import (
	"context"
	"encoding/json/v2"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"brume/ingest/publishers"
	"brume/schemas/event"
	"brume/schemas/mapping"
	"brume/schemas/quality"
	"brume/schemas/xapi"
)

var noon = time.Date(2026, 9, 14, 12, 30, 0, 0, time.UTC)

// What cannot be sent is in the next report, and nothing is in two.
func TestReport(t *testing.T) {
	c := New(func() time.Time { return noon })
	calcul, trial := publishers.Publisher{Name: "calcul"}, publishers.Publisher{Name: "calcul", Sandbox: true}
	var sent []quality.Intake
	away := ""
	report := func(want string) {
		t.Helper()
		err := c.Report(t.Context(), "one", func(_ context.Context, value []byte) error {
			var q quality.Intake
			if err := json.Unmarshal(value, &q, json.RejectUnknownMembers(true)); err != nil {
				t.Fatal(err)
			}
			if q.Publisher == away {
				return errors.New("broker away")
			}
			sent = append(sent, q)
			return nil
		})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	take := func() {
		r := Accepted(3, noon)
		r.Drop(mapping.Drop("teacher"))
		r.Unmapped(&event.Event{School: 1, Level: 1}, true)
		c.Took(calcul, &r)
		c.Postponed(calcul, "unavailable.broker", 2)
	}
	fault := xapi.Fault{Code: "value.type", Pointer: "/4/verb", Rule: "r"}
	report("")
	take()
	away = "calcul"
	report("calcul")
	take()
	c.Faults(trial, xapi.Faults{fault, fault, {Code: "format.uuid", Pointer: "/12/id"}}, nil)
	away = ""
	report("")
	report("")
	samples := map[string]quality.Sample{
		"value.type":  {Pointer: "/4/verb", Rule: "r", Skeleton: `"unreadable"`, At: noon},
		"format.uuid": {Pointer: "/12/id", Skeleton: `"unreadable"`, At: noon},
	}
	want := []quality.Intake{
		{Instance: "one", Publisher: "calcul", Until: noon, Accepted: 6, Postponed: 4, ByCode: map[string]int64{"unavailable.broker": 4},
			Dropped: map[string]int64{"teacher": 2}, Unmapped: map[string]int64{quality.Subject: 2}, Last: noon},
		{Instance: "one", Publisher: "calcul", Sandbox: true, Until: noon, Refused: 2,
			ByCode: map[string]int64{"value.type": 1, "format.uuid": 1}, Samples: samples},
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("(-want, +got)\n%s", diff)
	}
	if diff := cmp.Diff(Sum{Received: 6, Accepted: 6, Postponed: 4, Dropped: map[string]int64{"teacher": 2}}, c.Sum()); diff != "" {
		t.Errorf("sum (-want, +got)\n%s", diff)
	}
}
