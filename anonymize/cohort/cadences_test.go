package cohort

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brume/schemas/control"
	"brume/schemas/event"
	"brume/schemas/policy"
)

// sumsOf gives the sums of a closed window their names, "family area level
// subject tool measure", for families whose name begins so.
func sumsOf(t testing.TB, y *Year, c Closed, prefix string) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	cells := y.Plan.Layout(y.Registry, c.Window).Cells()
	for i, n := range reveal(t, c.Sums) {
		c := cells[i]
		if strings.HasPrefix(c.Family, prefix) {
			out[strings.Join(strings.Fields(c.Family+" "+c.Area+" "+c.Level+" "+c.Subject+" "+c.Tool+" "+c.Measure), " ")] = n
		}
	}
	return out
}

// does closes a window and returns what it emits, by release.
func does(t testing.TB, p *Partition, r control.Record) map[string]Closed {
	t.Helper()
	closed, err := p.Control(r)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Closed{}
	for _, c := range closed {
		out[string(policy.ReleaseID(c.Window))] = c
	}
	return out
}

// inZone is an event of a pupil at a school of zone A.
func inZone(y *Year, pupil string, week int, id uint64) event.Event {
	e := at(y, pupil, week, id)
	e.School = y.Registry.Schools[1].UAI
	return e
}

// A half-term adds up its weeks: minutes are whole ones of the sum of seconds,
// and one unit of mass is split over the scores.
func TestSumsOfAHalfTerm(t *testing.T) {
	y := fullYear(t)
	p := open(t, y)
	for i, change := range []func(*event.Event){
		func(e *event.Event) { e.Level, e.Subject, e.Score, e.Duration = 1, 2, 1000, 59 },
		func(e *event.Event) { e.Level, e.Subject, e.Score, e.Duration = 1, 4, 999, 62 },
		func(e *event.Event) { e.Score, e.Outcome, e.Duration = 0, event.Failure, event.NoDuration },
		func(e *event.Event) { e.Score, e.Duration = 1001, -60 }, // no such score, no such duration
	} {
		e := inZone(y, "a", i%3, uint64(i+1))
		change(&e)
		p.Fold(&e, logged)
	}
	got := does(t, p, closingOf(y, periodic, 0))
	if len(got) != 1 {
		t.Fatalf("%d releases, want the half-term", len(got))
	}
	school := y.Registry.Schools[1].UAI.String()
	want := map[string]int64{
		"s_half_active_level " + school + " 6e active":         1,
		"s_half_active_subject " + school + " maths active":    1,
		"s_half_active_subject " + school + " francais active": 1,
		"s_half_active_subject " + school + " other active":    1,
		"s_half_outcomes " + school + " failures":              1,
		"s_half_minutes " + school + " minutes":                2,
		"s_half_scores " + school + " score_0":                 333,
		"s_half_scores " + school + " score_9":                 666,
	}
	if diff := cmp.Diff(sumsOf(t, y, got["2026-2027-p1"], "s_"), want); diff != "" {
		t.Errorf("(-got, +want):\n%s", diff)
	}
}

// A week is two releases: its own and a step of the streams, whose totals only
// ever grow and stand in the zones' own weeks.
func TestAWeekClosesAStepOfTheStreams(t *testing.T) {
	y := fullYear(t)
	p := open(t, y)
	for i, pupil := range []string{"a", "a", "b", "c"} {
		e := inZone(y, pupil, []int{0, 2, 2, 5}[i], uint64(i+1))
		p.Fold(&e, logged)
	}
	school := y.Registry.Schools[1].UAI.String()
	for step, want := range []int64{1, 1, 2, 0, 0, 3} { // zone A has no school in the fourth and fifth week
		label := y.cadences[weekly].windows[step].Label
		got := does(t, p, closing(y, step))
		stream, ok := got["2026-2027-stream-w"+label[6:]]
		if _, week := got["2026-2027-w"+label[6:]]; !ok || !week || len(got) != 2 {
			t.Fatalf("%s: %d releases", label, len(got))
		}
		sums := sumsOf(t, y, stream, "s_ever")
		if n := sums["s_ever_active "+school+" active"]; n != want || want == 0 && len(sums) > 0 {
			t.Errorf("%s: %v, want %d", label, sums, want)
		}
	}
	if got := does(t, p, control.Record{Kind: control.Close, Year: y.Name, Cadence: string(policy.YearStream), Window: "2026-W44", Index: 8}); len(got) != 0 {
		t.Errorf("a CLOSE of a stream closes %d windows", len(got))
	}
}

// A late event counts in the next open half-term, and the week alone decides
// whether it counts.
func TestLateInAHalfTerm(t *testing.T) {
	y := fullYear(t)
	p := open(t, y)
	if r := closingOf(y, periodic, 0); !p.Closes(r) || len(does(t, p, r)) != 1 || p.Closes(r) || len(does(t, p, r)) != 0 {
		t.Error("a half-term closes once")
	}
	does(t, p, closing(y, 1))
	late, tooLate := inZone(y, "a", 1, 1), inZone(y, "b", 0, 2)
	p.Fold(&late, logged)
	does(t, p, closing(y, 5))
	p.Fold(&tooLate, logged)
	second := does(t, p, closingOf(y, periodic, 1))["2026-2027-p2"]
	if got := sumsOf(t, y, second, "s_half_active_level"); len(got) != 1 {
		t.Errorf("%v, want the late one alone", got)
	}
	last := inZone(y, "c", len(y.cadences[weekly].windows)-1, 3)
	last.School = y.Registry.Schools[3].UAI
	p.Fold(&last, logged)
	if c := p.Counts(); c.Folded != 2 || c.Late != 1 || c.Dropped[DropTooLate] != 1 {
		t.Errorf("%+v: an event after the last half-term still counts in its week", c)
	}
}

// An erasure takes back what is open, and nothing that a stream has counted.
func TestErasureInEveryCadence(t *testing.T) {
	y := fullYear(t)
	p := open(t, y)
	early, later := inZone(y, "a", 0, 1), inZone(y, "b", 1, 2)
	p.Fold(&early, logged)
	does(t, p, closing(y, 0))
	p.Fold(&later, logged)
	for _, e := range []event.Event{early, later} {
		does(t, p, control.Record{Kind: control.Erase, Year: y.Name, Token: y.key.Token(y.key.Of(policy.ScopeShared, e.Actor.Reveal()))})
	}
	week := does(t, p, closing(y, 1))
	got := sumsOf(t, y, week["2026-2027-stream-w37"], "s_")
	if diff := cmp.Diff(got, map[string]int64{"s_ever_active " + y.Registry.Schools[1].UAI.String() + " active": 1}); diff != "" {
		t.Errorf("stream (-got, +want):\n%s", diff)
	}
	half := does(t, p, closingOf(y, periodic, 0))
	if n := len(reveal(t, week["2026-2027-w37"].Sums)) + len(reveal(t, half["2026-2027-p1"].Sums)); n != 0 {
		t.Errorf("%d sums of erased pupils", n)
	}
}

// ★ A gap empties the half-terms that lost statements, and ends the streams.
func TestAGapInEveryCadence(t *testing.T) {
	y := fullYear(t)
	p := open(t, y)
	fold := func(pupil string, week int) {
		e := inZone(y, pupil, week, uint64(week)<<8|uint64(pupil[0]))
		p.Fold(&e, logged)
	}
	fold("a", 0)
	if c := does(t, p, closing(y, 0))["2026-2027-stream-w36"]; c.Gapped || len(reveal(t, c.Sums)) == 0 {
		t.Error("the step before the gap is not whole")
	}
	fold("b", 1)
	p.Gap(gapAt(p, 9, middle(y, 1)))
	fold("c", 2)
	fold("d", 5)
	for _, tt := range []struct {
		record  control.Record
		release string
		gapped  bool
	}{
		{closing(y, 1), "2026-2027-w37", true},
		{closing(y, 2), "2026-2027-w38", false},
		{closing(y, 3), "2026-2027-stream-w39", true},
		{closing(y, 5), "2026-2027-w41", false},
		{closing(y, 6), "2026-2027-stream-w42", true},
		{closingOf(y, periodic, 0), "2026-2027-p1", true},
		{closingOf(y, periodic, 1), "2026-2027-p2", false},
	} {
		c, ok := does(t, p, tt.record)[tt.release]
		if !ok || c.Gapped != tt.gapped || (len(reveal(t, c.Sums)) == 0) != tt.gapped {
			t.Errorf("%s: gapped %v, %d sums; want gapped %v", tt.release, c.Gapped, len(reveal(t, c.Sums)), tt.gapped)
		}
	}
}

// Half-terms follow the policy: without a family of theirs nothing is kept or
// released.
func TestNoHalfTermsWithoutAFamily(t *testing.T) {
	base := fullYear(t).Plan.Policy
	weeks := *base
	weeks.Families = base.Families[:7]
	y := newYearOf(t, &weeks, smallRegistry())
	p := open(t, y)
	e := inZone(y, "a", 0, 1)
	p.Fold(&e, logged)
	half := control.Record{Kind: control.Close, Year: y.Name, Cadence: string(policy.Periodic), Window: "P1", Index: 0}
	if _, rows := p.Pupils(); rows != 1 || len(does(t, p, half)) != 0 || len(does(t, p, closing(y, 0))) != 1 {
		t.Errorf("%d rows; want a week and nothing else", rows)
	}
}
