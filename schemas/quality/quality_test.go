package quality

import (
	"encoding/json/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 9, 14, 12, 0, 0, 0, time.UTC)

// Records that were written before there were samples, sandbox keys and
// publishers' numbers rest on the topic for 13 months.
func TestOldRecordsDecode(t *testing.T) {
	var intake Intake
	if err := json.Unmarshal([]byte(`{"instance":"a","publisher":"calcul","until":"2026-09-14T12:00:00Z","accepted":5,"refused":1,"postponed":2,`+
		`"by_code":{"json.syntax":1,"unavailable.broker":2},"dropped":{"teacher":1},"unmapped":{"school":4}}`), &intake); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(intake, Intake{Instance: "a", Publisher: "calcul", Until: noon, Accepted: 5, Refused: 1, Postponed: 2,
		ByCode: map[string]int64{"json.syntax": 1, "unavailable.broker": 2}, Dropped: map[string]int64{"teacher": 1}, Unmapped: map[string]int64{"school": 4}}); diff != "" {
		t.Errorf("(-got, +want)\n%s", diff)
	}
	var folding Folding
	if err := json.Unmarshal([]byte(`{"service":"anonymize","partition":3,"next":10,"until":"2026-09-14T12:00:00Z",`+
		`"folded":7,"duplicates":1,"late":2,"dropped":{"identity":1}}`), &folding); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(folding, Folding{Service: Service, Partition: 3, Next: 10, Until: noon,
		Fate: Fate{Folded: 7, Duplicates: 1, Late: 2, Dropped: map[string]int64{"identity": 1}}}); diff != "" {
		t.Errorf("(-got, +want)\n%s", diff)
	}
}

func TestAddSharesNothing(t *testing.T) {
	a := Fate{Folded: 1, Late: 1, Dropped: map[string]int64{"identity": 2}}
	b := a.Clone()
	b.Add(&a)
	if diff := cmp.Diff(*b, Fate{Folded: 2, Late: 2, Dropped: map[string]int64{"identity": 4}}); diff != "" {
		t.Errorf("(-got, +want)\n%s", diff)
	}
	if a.Dropped["identity"] != 2 {
		t.Error("the original changed")
	}
}
