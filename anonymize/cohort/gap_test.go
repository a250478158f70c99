package cohort

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"brume/anonymize/exact"
	"brume/schemas/control"
)

// gapAt is a GAP over the n records that follow the state, until a time.
func gapAt(p *Partition, n int64, until time.Time) control.Record {
	return control.Record{Kind: control.Gap, From: p.Next(), To: p.Next() + n, Until: until}
}

// middle is a time in the middle of a week of the year.
func middle(y *Year, index int) time.Time {
	return y.cadences[weekly].windows[index].Start.Add(60 * time.Hour)
}

// ★ What a gapped window held is dropped and nothing more is folded into it;
// it closes with zeros and a mark; windows before and after it are whole.
func TestAGapEmptiesOpenWindows(t *testing.T) {
	y := newYear(t)
	p := open(t, y)
	var id uint64
	fold := func(week int) {
		id++
		e := at(y, "a", week, id)
		p.Fold(&e, logged)
	}
	fold(0)
	whole, err := p.Control(closing(y, 0))
	if err != nil {
		t.Fatal(err)
	}
	fold(1)
	fold(2)
	if !p.Gap(gapAt(p, 70, middle(y, 2))) {
		t.Fatal("refused")
	}
	for week := range 5 { // the first is late, in the next open one
		fold(week)
	}
	closed, err := p.Control(closing(y, 4))
	if err != nil {
		t.Fatal(err)
	}
	closed = append(whole, closed...)
	for week, c := range closed {
		gapped := week == 1 || week == 2
		if c.Gapped != gapped || (len(reveal(t, c.Sums)) == 0) != gapped {
			t.Errorf("week %d: gapped %v with %d sums", week, c.Gapped, len(reveal(t, c.Sums)))
		}
	}
	want := map[string]int64{DropLost: 70, DropGap: 3}
	if diff := cmp.Diff(p.Counts().Dropped, want); diff != "" {
		t.Errorf("dropped (-got, +want):\n%s", diff)
	}
	if told := p.Counts().Publishers[0]; told.Folded != int64(id) || len(told.Dropped) != 0 {
		t.Errorf("the publisher is told in which partition the pupil is: %+v", told)
	}
}

// Which windows are gapped: all that are open and had begun, the next one of a
// zone on holiday, the next open one once anything is closed.
func TestWhichWindowsAGapTakes(t *testing.T) {
	y := newYear(t)
	start, end := y.Plan.Policy.Bounds()
	index := func(label string) int {
		for i, w := range y.cadences[weekly].windows {
			if w.Label == label {
				return i
			}
		}
		t.Fatalf("no week %s", label)
		return 0
	}
	christmas, winter := index("2027-W01"), index("2027-W07")
	for _, tt := range []struct {
		name   string
		closed int
		until  time.Time
		last   int
	}{
		{"before the year", -1, start.AddDate(0, 0, -2), -1},
		{"in its first week", -1, middle(y, 0), 0},
		{"at the last hour of a week", 1, y.cadences[weekly].windows[3].End.Add(-time.Second), 3},
		{"at the first hour of a week", 1, y.cadences[weekly].windows[3].Start, 3},
		{"while nobody has school", christmas - 1, y.cadences[weekly].windows[christmas].Start.AddDate(0, 0, -6), christmas},
		{"while zone A has none", winter - 1, middle(y, winter), index("2027-W09")},
		{"closed ahead of time", 3, middle(y, 0), 4},
		{"after the year", -1, end.Add(time.Hour), len(y.cadences[weekly].windows) - 1},
	} {
		p := open(t, y)
		if tt.closed >= 0 {
			if _, err := p.Control(closing(y, tt.closed)); err != nil {
				t.Fatal(err)
			}
		}
		p.Gap(gapAt(p, 1, tt.until))
		closed, err := p.Control(closing(y, len(y.cadences[weekly].windows)-1))
		if err != nil || len(closed) != len(y.cadences[weekly].windows)-1-tt.closed {
			t.Fatalf("%s: %d windows closed, %v", tt.name, len(closed), err)
		}
		for n, c := range closed {
			if i := tt.closed + 1 + n; c.Gapped != (i <= tt.last) {
				t.Errorf("%s: week %s gapped %v", tt.name, y.cadences[weekly].windows[i].Label, c.Gapped)
			}
		}
	}
}

// A year whose first CONFIG was lost with the rest is as gapped as it would
// have been; one that begins later is whole.
func TestAGapBeforeTheYearIsOpened(t *testing.T) {
	y := newYear(t)
	p := NewPartition(Env{y.Name: y})
	p.Gap(gapAt(p, 5, middle(y, 2)))
	r := control.Record{Kind: control.Config, Year: y.Name, PolicyHash: y.Plan.PolicyHash, RegistryHash: y.Registry.Hash(), FoldVersion: FoldVersion}
	if _, err := p.Control(r); err != nil {
		t.Fatal(err)
	}
	closed, err := p.Control(closing(y, 3))
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range closed {
		if c.Gapped != (i <= 2) {
			t.Errorf("week %d: gapped %v", i, c.Gapped)
		}
	}
}

// A GAP of another place, and one met again, change nothing.
func TestOtherGapsDoNothing(t *testing.T) {
	y := newYear(t)
	p := open(t, y)
	e := at(y, "a", 1, 1)
	p.Fold(&e, logged)
	p.Advance(10)
	passed := gapAt(p, 5, middle(y, 0))
	state := func() Snapshot {
		s, err := p.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := state()
	for _, r := range []control.Record{
		{Kind: control.Gap, From: 9, To: 20, Until: middle(y, 5)}, {Kind: control.Gap, From: 11, To: 20, Until: middle(y, 5)}, closing(y, 1),
	} {
		if p.Gap(r) {
			t.Errorf("%v %d–%d is taken at 10", r.Kind, r.From, r.To)
		}
	}
	if diff := cmp.Diff(state(), before); diff != "" {
		t.Errorf("the state changed:\n%s", diff)
	}
	if !p.Gap(passed) || p.Next() != 15 {
		t.Fatal("the right one is refused")
	}
	before = state()
	if _, err := p.Control(passed); err != nil || p.Gap(passed) {
		t.Errorf("taken twice, %v", err)
	}
	if diff := cmp.Diff(state(), before); diff != "" {
		t.Errorf("met again it changed the state:\n%s", diff)
	}
}

// A partition rebuilt from a snapshot before or after the gap equals the one
// that passed it, byte for byte.
func TestRestoredAroundAGap(t *testing.T) {
	y := fullYear(t)
	rapid.Check(t, func(rt *rapid.T) {
		events := history(rt, y)
		from := rapid.IntRange(0, len(events)-1).Draw(rt, "from")
		to := rapid.IntRange(from+1, len(events)).Draw(rt, "to")
		cut := rapid.IntRange(0, len(events)).Draw(rt, "cut")
		until := middle(y, rapid.IntRange(0, testWeeks).Draw(rt, "until"))
		p := open(t, y)
		var q *Partition
		for i := 0; i <= len(events); i++ {
			if i == cut || q == nil && i > cut { // a cut in what is lost comes after it
				s, err := p.Snapshot()
				if err != nil {
					rt.Fatal(err)
				}
				if q, err = Restore(Env{y.Name: y}, s); err != nil {
					rt.Fatal(err)
				}
			}
			step := func(p *Partition) {
				if i == from {
					p.Gap(gapAt(p, int64(to-from), until))
					return
				}
				if i < len(events) {
					p.Fold(&events[i], logged.Add(time.Duration(i)*time.Minute))
				}
				p.Advance(int64(i) + 1)
			}
			step(p)
			if q != nil {
				step(q)
			}
			if i == from {
				i = to - 1
			}
		}
		want, err1 := p.Snapshot()
		got, err2 := q.Snapshot()
		if err1 != nil || err2 != nil {
			rt.Fatal(err1, err2)
		}
		if !bytes.Equal(got.Common, want.Common) || !bytes.Equal(got.Years[y.Name], want.Years[y.Name]) {
			rt.Fatal("restored state differs")
		}
		a, b := closeAll(rt, t, p, y), closeAll(rt, t, q, y)
		if diff := cmp.Diff(a, b); diff != "" {
			rt.Fatalf("sums differ:\n%s", diff)
		}
	})
}

// ★ Whatever is lost and wherever a partition is taken up again, a pupil who is
// in two zones counts in no more windows than the plan pays for. What a lost
// instance had sent counts: it was saved before (see anonymize.worker).
func TestTheYearlyMeterHoldsOverGaps(t *testing.T) {
	y := newYear(t)
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 0))
		p := open(t, y)
		sent := map[int]*exact.Vector{} // what came first counts
		id := uint64(0)
		for i := range y.cadences[weekly].windows {
			for _, school := range []int{0, len(y.Registry.Schools) - 1} {
				id++
				e := at(y, "a", i, id)
				e.School = y.Registry.Schools[school].UAI
				p.Fold(&e, logged)
			}
			saved, err := p.Snapshot()
			if err != nil {
				t.Fatal(err)
			}
			emit := func() {
				closed, err := p.Control(closing(y, i))
				if err != nil {
					t.Fatal(err)
				}
				for n, c := range closed {
					if week := i - len(closed) + 1 + n; sent[week] == nil {
						sent[week] = c.Sums
					}
				}
			}
			emit()
			if r.IntN(6) == 0 {
				if p, err = Restore(Env{y.Name: y}, saved); err != nil {
					t.Fatal(err)
				}
				p.Gap(gapAt(p, 1, y.cadences[weekly].windows[i].Start.AddDate(0, 0, r.IntN(7))))
				emit()
			}
		}
		active := 0
		for _, sums := range sent {
			if len(reveal(t, sums)) > 0 {
				active++
			}
		}
		if active > y.cadences[weekly].meter || active < y.cadences[weekly].meter/2 {
			t.Errorf("seed %d: active in %d windows, %d are paid for", seed, active, y.cadences[weekly].meter)
		}
	}
}

// A statement that was folded before the gap and comes again after it does not
// count again, also where it would now count in a whole window.
func TestARepeatOverAGapIsOne(t *testing.T) {
	y := newYear(t)
	p := open(t, y)
	e := at(y, "a", 0, 1)
	p.Fold(&e, logged)
	p.Gap(gapAt(p, 3, middle(y, 0)))
	if _, err := p.Control(closing(y, 0)); err != nil {
		t.Fatal(err)
	}
	p.Fold(&e, logged.Add(time.Hour))
	if c := p.Counts(); c.Duplicates != 1 || c.Folded != 1 {
		t.Errorf("%+v, want one folded and one duplicate", c)
	}
}
