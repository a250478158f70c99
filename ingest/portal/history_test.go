package portal

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"brume/internal/testenv"
	"brume/schemas/quality"
)

func TestMain(m *testing.M) { testenv.Main(m) }

var noon = time.Date(2026, 9, 14, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func plain(code string) (string, bool) { return "about " + code, code == "unavailable.broker" }

func TestPeriods(t *testing.T) {
	h := NewHistory(time.UTC, 1000, clock)
	for _, ago := range []time.Duration{time.Minute, 20 * time.Hour, 30 * time.Hour, 13 * 24 * time.Hour, 14 * 24 * time.Hour, 300 * 24 * time.Hour, 400 * 24 * time.Hour, -48 * time.Hour} {
		h.Intake(&quality.Intake{Publisher: "calcul", Until: noon.Add(-ago), Accepted: 10, Refused: 1, Postponed: 2,
			ByCode: map[string]int64{"json.syntax": 1, "unavailable.broker": 2}, Dropped: map[string]int64{"teacher": 3}, Unmapped: map[string]int64{"school": 4}})
	}
	h.Intake(&quality.Intake{Publisher: "calcul", Sandbox: true, Until: noon, Accepted: 1000})
	h.Intake(&quality.Intake{Publisher: "lecture", Until: noon, Accepted: 1000})
	s := h.Section("calcul", false, 7, plain)
	for name, tt := range map[string]struct{ got, want int64 }{
		"24 hours": {s.LastDay.Accepted, 20}, "14 days": {s.Fortnight.Accepted, 40}, "13 months": {s.Year.Accepted, 60},
		"received": {s.Fortnight.Received, 44}, "postponed": {s.Fortnight.Postponed, 8}, "school": {s.Fortnight.Unmapped["school"], 16},
		"not folded": {s.Fortnight.NotFolded, 12}, "today": {s.Days[13].Accepted, 10}, "first day": {s.Days[0].Accepted, 10}, "between": {s.Days[5].Accepted, 0},
		"sandbox": {h.Section("calcul", true, 7, plain).Year.Accepted, 1000},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %d, want %d", name, tt.got, tt.want)
		}
	}
	want := []Reason{
		{Outcome: "not_folded", Code: "teacher", Count: 12, Explanation: "about drop.teacher"},
		{Outcome: "postponed", Code: "unavailable.broker", Count: 8, Explanation: "about unavailable.broker"},
		{Outcome: "refused", Code: "json.syntax", Count: 4, Explanation: "about json.syntax"},
	}
	if diff := cmp.Diff(s.Fortnight.Reasons, want); diff != "" {
		t.Errorf("(-got, +want)\n%s", diff)
	}
	if !s.LastStatement.Equal(noon.Add(-time.Minute)) {
		t.Errorf("last statement %v", s.LastStatement)
	}
}

// Counts of anonymize are since the partition's beginning, and a partition
// that was restored says old ones again.
func TestFolding(t *testing.T) {
	h := NewHistory(time.UTC, 1000, clock)
	say := func(partition int, next, folded, late int64, whole bool) {
		h.Folding(&quality.Folding{Service: quality.Service, Partition: partition, Next: next, Until: noon,
			Publishers: map[uint16]*quality.Fate{7: {Folded: folded, Late: late, Dropped: map[string]int64{"identity": late}}, 8: {Folded: 1}}}, whole)
	}
	say(0, 10, 5, 1, true)
	say(0, 20, 9, 2, true)
	say(0, 10, 5, 1, true) // again
	say(0, 15, 7, 1, true)
	say(0, 30, 12, 2, true)
	say(1, 4, 4, 0, true)
	say(2, 1000, 500, 500, false) // its beginning is lost
	say(2, 1001, 501, 500, false)
	got := h.Section("calcul", false, 7, plain).Fortnight
	if got.Folded != 12+4+1 || got.Late != 2 || got.NotFolded != 2 || got.Received != 0 {
		t.Errorf("%+v", got)
	}
	if got := h.Section("lecture", false, 8, plain).Fortnight.Folded; got != 2 {
		t.Errorf("%d folded of another publisher, want 2", got)
	}
	if got := h.Section("calcul", true, 7, plain).Fortnight.Folded; got != 0 {
		t.Errorf("%d of the sandbox are folded", got)
	}
}

// Whatever comes, no more than so many buckets are held, and the newest stay.
func TestMemoryIsBounded(t *testing.T) {
	h := NewHistory(time.UTC, 50, clock)
	for p := range 20 {
		for ago := 300; ago >= 0; ago -= 7 {
			h.Intake(&quality.Intake{Publisher: fmt.Sprint("tool-", p), Until: noon.AddDate(0, 0, -ago), Accepted: 1})
		}
	}
	held := 0
	for _, s := range h.series {
		held += len(s.days) + len(s.hours)
	}
	if held != h.held || held > 50 {
		t.Errorf("%d buckets held, %d counted", held, h.held)
	}
	if got := h.Section("tool-19", false, 1, plain).Fortnight.Accepted; got != 2 {
		t.Errorf("%d accepted, want 2", got)
	}
	before := h.held
	for i := range 1000 {
		h.Intake(&quality.Intake{Publisher: "tool-19", Until: noon, ByCode: map[string]int64{fmt.Sprint("code-", i): 1}, Samples: map[string]quality.Sample{fmt.Sprint("code-", i): {}}})
	}
	h.Intake(&quality.Intake{Publisher: string(make([]byte, 100)), Until: noon, Accepted: 1})
	s := h.series["tool-19"]
	if n := len(s.days[len(s.days)-1].ByCode); n > maxKinds || len(s.samples) > maxKinds || h.held > before+1 {
		t.Errorf("%d codes, %d samples, %d buckets", n, len(s.samples), h.held)
	}
}
