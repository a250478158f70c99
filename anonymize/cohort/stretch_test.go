package cohort

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"brume/schemas/control"
	"brume/schemas/policy"
)

func configure(t testing.TB, p *Partition, y *Year, signed time.Time) {
	t.Helper()
	if _, err := p.Control(configOf(y, signed)); err != nil {
		t.Fatal(err)
	}
}

// everywhere folds one event of a pupil in each week that zone A lists.
func everywhere(p *Partition, y *Year, pupil string, id uint64) {
	for _, w := range y.cadences[weekly].windows {
		if y.Plan.Policy.InSession("A", w) {
			e := inZone(y, pupil, w.Index, id+uint64(w.Index))
			p.Fold(&e, logged)
		}
	}
}

// ★ Each window is released once, under the plan in which it began: also a
// half-term that goes on, and for pupils who came before the change.
func TestWindowsEndUnderTheirPlan(t *testing.T) {
	y := changed(t, "2026-W38", 0.5)
	old := y.before
	p := NewPartition(Env{y.Name: y})
	configure(t, p, old, logged)
	e := inZone(y, "a", 1, 1)
	p.Fold(&e, logged)
	configure(t, p, y, logged.Add(time.Hour))
	everywhere(p, y, "b", 100)
	var out []Closed
	for _, r := range []control.Record{closing(y, 8), closingOf(y, periodic, 1)} {
		closed, err := p.Control(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, closed...)
	}
	for _, c := range out {
		want := y.Plan
		if c.Window.Label == "2026-W36" || c.Window.Label == "2026-W37" || c.Window.Label == "P1" {
			want = old.Plan
		}
		if c.Plan != want {
			t.Errorf("%s %s is under %s", c.Window.Cadence, c.Window.Label, c.Plan.Policy.Name)
		}
		if n := c.Plan.Layout(y.Registry, c.Window).Len(); c.Sums.Len() != n {
			t.Errorf("%s: %d cells, its plan has %d", c.Window.Label, c.Sums.Len(), n)
		}
	}
	if len(out) != 9+9+2 {
		t.Errorf("%d releases", len(out))
	}
}

// ★ A change that comes late: what the new plan's windows hold is dropped and its
// meter given back, what is closed stays with the old plan; and a CONFIG of the
// plan that was replaced changes nothing.
func TestALateChange(t *testing.T) {
	y := changed(t, "2026-W38", 0.5)
	p := NewPartition(Env{y.Name: y})
	configure(t, p, y.before, logged)
	everywhere(p, y, "a", 1)
	closed, err := p.Control(closing(y, 2)) // W38, under the old plan
	if err != nil || closed[len(closed)-2].Plan != y.before.Plan {
		t.Fatalf("%v", err)
	}
	configure(t, p, y, logged.Add(time.Hour))
	configure(t, p, y.before, logged.Add(2*time.Hour))
	c := p.years[y.Name]
	if c.year != y || c.stretches[1].first != [cadences]int{3, 1} {
		t.Errorf("the new plan begins with %v", c.stretches[1].first)
	}
	if len(c.open[weekly]) != 0 || c.pupils.metered(weekly, 0) != 3 || c.pupils.metered(periodic, 0) != 1 {
		t.Errorf("%d weeks are open, the meters say %d weeks and %d half-terms; want 0, 3, 1",
			len(c.open[weekly]), c.pupils.metered(weekly, 0), c.pupils.metered(periodic, 0))
	}
	everywhere(p, y, "a", 1001)
	if got := c.pupils.metered(weekly, 0); got != 6 || p.Counts().Dropped[DropMeter] != 0 {
		t.Errorf("the pupil is in %d weeks, %d dropped by the meter", got, p.Counts().Dropped[DropMeter])
	}
	if next, err := p.Control(closing(y, 3)); err != nil || next[0].Plan != y.Plan {
		t.Errorf("W39 is not under the new plan: %v", err)
	}
}

// A partition goes on only where its plans are configured.
func TestSnapshotsOfAChangedYear(t *testing.T) {
	y := changed(t, "2026-W38", 0.5)
	p := NewPartition(Env{y.Name: y})
	configure(t, p, y.before, logged)
	first := snapshotOf(t, p)
	configure(t, p, y, logged.Add(time.Hour))
	s := snapshotOf(t, p)
	for _, state := range []Snapshot{first, s} {
		r, err := Restore(Env{y.Name: y}, state)
		if err != nil {
			t.Fatal(err)
		}
		if again := snapshotOf(t, r); !bytes.Equal(again.Years[y.Name], state.Years[y.Name]) {
			t.Error("restored state differs")
		}
	}
	if _, err := Restore(Env{y.Name: y.before}, first); err != nil {
		t.Errorf("the first plan alone: %v", err)
	}
	if _, err := Restore(Env{y.Name: y.before}, s); !errors.Is(err, ErrConfig) {
		t.Errorf("without the new plan: %v", err)
	}
	q := NewPartition(Env{y.Name: y.before})
	if _, err := q.Control(configOf(y, logged)); !errors.Is(err, ErrConfig) {
		t.Errorf("CONFIG of a plan that is not here: %v", err)
	}
	whole := NewPartition(Env{y.Name: y}) // the first CONFIG was lost, or never written
	configure(t, whole, y, logged.Add(time.Hour))
	if got := snapshotOf(t, whole); !bytes.Equal(got.Years[y.Name], s.Years[y.Name]) {
		t.Error("opened under both plans at once, the year differs")
	}
}

func snapshotOf(t testing.TB, p *Partition) Snapshot {
	t.Helper()
	s, err := p.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ★ A stream that a later plan begins tells of the whole year: who was active
// before is counted at its first step.
func TestAStreamBegunInMidYear(t *testing.T) {
	y := changed(t, "2026-W38", 0.5)
	p := NewPartition(Env{y.Name: y})
	configure(t, p, y, logged)
	e := inZone(y, "a", 0, 1)
	p.Fold(&e, logged)
	closed, err := p.Control(closing(y, 2))
	if err != nil {
		t.Fatal(err)
	}
	step := closed[len(closed)-1]
	cells := y.Plan.Layout(y.Registry, step.Window).Cells()
	var got []string
	for i, n := range reveal(t, step.Sums) {
		if n == 1 {
			got = append(got, cells[i].Family)
		}
	}
	if step.Window.Cadence != policy.YearStream || len(got) != 2 {
		t.Errorf("%s: counted in %v, want both streams", step.Window.Label, got)
	}
}
