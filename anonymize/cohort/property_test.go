package cohort

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"brume/schemas/control"
	"brume/schemas/event"
	"brume/schemas/registry"
)

const testWeeks = 6

// history draws events of a few pupils that do everything a tool could: two
// schools and more, unknown codes, shared statement ids, repeats.
func history(t *rapid.T, y *Year) []event.Event {
	schools := []registry.UAI{0, y.Registry.Schools[0].UAI, y.Registry.Schools[1].UAI, y.Registry.Schools[len(y.Registry.Schools)-1].UAI}
	one := rapid.Custom(func(t *rapid.T) event.Event {
		e := at(y, rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "pupil"), rapid.IntRange(0, testWeeks-1).Draw(t, "week"), rapid.Uint64Range(1, 40).Draw(t, "id"))
		e.School = rapid.SampledFrom(schools).Draw(t, "school")
		e.Level = rapid.Uint8Range(0, 9).Draw(t, "level")
		e.Subject = rapid.Uint8Range(0, 12).Draw(t, "subject")
		e.Tool = rapid.SampledFrom([]uint16{0, 1, 2, 7, 300}).Draw(t, "tool")
		e.Outcome = rapid.SampledFrom([]event.Outcome{event.NoOutcome, event.Failure, event.Success}).Draw(t, "outcome")
		e.Score = rapid.Int16Range(-1, 1000).Draw(t, "score")
		e.Duration = rapid.SampledFrom([]int32{event.NoDuration, 30, 90, 14400}).Draw(t, "duration")
		return e
	})
	events := rapid.SliceOfN(one, 1, 60).Draw(t, "events")
	if rapid.Bool().Draw(t, "flood") { // one pupil answers far beyond every cap
		for i := range 200 {
			e := at(y, "a", i%testWeeks, uint64(1000+i))
			e.Outcome, e.Subject, e.Score, e.Duration = event.Success, uint8(2*(i%7)), int16(10*(i%101)), 1800
			events = append(events, e)
		}
	}
	return events
}

func foldAll(p *Partition, events []event.Event) {
	for i := range events {
		p.Fold(&events[i], logged.Add(time.Duration(i)*time.Minute))
	}
}

// foldFrom folds events with the year's change of plan among them.
func foldFrom(t testing.TB, p *Partition, y *Year, events []event.Event, from, to, change int) {
	for i := from; i < to; i++ {
		if i == change {
			configure(t, p, y, logged.Add(time.Hour))
		}
		p.Fold(&events[i], logged.Add(time.Duration(i)*time.Minute))
	}
}

// closeAll closes the test's weeks and the first half-term, and returns their
// sums.
func closeAll(t rapid.TB, tb testing.TB, p *Partition, y *Year) []map[int]int64 {
	var out []map[int]int64
	for _, r := range []control.Record{closing(y, testWeeks-1), closingOf(y, periodic, 0)} {
		closed, err := p.Control(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range closed {
			out = append(out, reveal(tb, c.Sums))
		}
	}
	return out
}

// Folding does not depend on the order of events nor on repeats.
func TestOrderAndRepeatsDoNotMatter(t *testing.T) {
	y := fullYear(t)
	rapid.Check(t, func(rt *rapid.T) {
		events := history(rt, y)
		unique := map[string]event.Event{}
		for _, e := range events { // a repeat is the same statement; ids shared by different ones are for the first to win
			if y.Registry.ZoneOf(e.School, "A") != "A" { // one zone: the yearly meter never binds
				e.School = y.Registry.Schools[2].UAI
			}
			unique[fmt.Sprint(e.Actor.Reveal(), e.Fingerprint)] = e
		}
		events = events[:0]
		for _, e := range unique {
			events = append(events, e)
		}
		again := append(append([]event.Event{}, events...), events...)
		rand.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		p, q := open(t, y), open(t, y)
		foldAll(p, events)
		foldAll(q, again)
		first, err := p.Snapshot()
		if err != nil {
			rt.Fatal(err)
		}
		second, err := q.Snapshot()
		if err != nil {
			rt.Fatal(err)
		}
		if !bytes.Equal(first.Years[y.Name], second.Years[y.Name]) {
			rt.Fatal("cohorts differ")
		}
		if got, want := q.Counts().Duplicates, int64(len(events)); got != want {
			rt.Fatalf("%d duplicates, want %d", got, want)
		}
		if diff := cmp.Diff(closeAll(rt, t, p, y), closeAll(rt, t, q, y)); diff != "" {
			rt.Fatalf("sums differ:\n%s", diff)
		}
	})
}

// A partition restored from a snapshot taken anywhere goes on to the same
// state, byte for byte, also where the plan has changed before or changes after.
func TestRestoredEqualsUndisturbed(t *testing.T) {
	y := changed(t, "2026-W38", 0.5)
	rapid.Check(t, func(rt *rapid.T) {
		events := history(rt, y)
		cut := rapid.IntRange(0, len(events)).Draw(rt, "cut")
		change := rapid.IntRange(0, len(events)).Draw(rt, "change")
		p, q := NewPartition(Env{y.Name: y}), NewPartition(Env{y.Name: y})
		configure(t, p, y.before, logged)
		configure(t, q, y.before, logged)
		foldFrom(t, p, y, events, 0, len(events), change)
		foldFrom(t, q, y, events, 0, cut, change)
		if rapid.Bool().Draw(rt, "close") {
			closeAll(rt, t, p, y)
		}
		s, err := q.Snapshot()
		if err != nil {
			rt.Fatal(err)
		}
		r, err := Restore(Env{y.Name: y}, s)
		if err != nil {
			rt.Fatal(err)
		}
		foldFrom(t, r, y, events, cut, len(events), change)
		if p.years[y.Name].closed[weekly] >= 0 {
			closeAll(rt, t, r, y)
		}
		want, err := p.Snapshot()
		if err != nil {
			rt.Fatal(err)
		}
		got, err := r.Snapshot()
		if err != nil {
			rt.Fatal(err)
		}
		if !bytes.Equal(got.Common, want.Common) || !bytes.Equal(got.Years[y.Name], want.Years[y.Name]) {
			rt.Fatal("restored state differs")
		}
	})
}

// Clipping never leaves an L2 norm above the cap, keeps what is within it, and
// never turns a count up.
func TestClip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Int64Range(1, 1000).Draw(t, "cap")
		v := rapid.SliceOfN(rapid.Int64Range(0, 65535), 1, 20).Draw(t, "vector")
		was := append([]int64{}, v...)
		clip(v, limit)
		var before, after int64
		for i := range v {
			before += was[i] * was[i]
			after += v[i] * v[i]
			if v[i] > was[i] || v[i] < 0 {
				t.Fatalf("entry %d went from %d to %d", i, was[i], v[i])
			}
		}
		if after > limit*limit || before <= limit*limit && after != before {
			t.Fatalf("squared norm %d became %d under cap %d", before, after, limit)
		}
	})
}

// The yearly meter stops a pupil at the number of windows that the plan pays
// for, whatever the calendar lets through.
func TestYearlyMeter(t *testing.T) {
	y := newYear(t)
	p := open(t, y)
	active := 0
	for i := range y.cadences[weekly].windows { // in session or not: the zone's next week takes it
		for _, school := range []int{0, len(y.Registry.Schools) - 1} { // schools of two zones
			e := at(y, "a", i, uint64(100*i+school+1))
			e.School = y.Registry.Schools[school].UAI
			p.Fold(&e, logged)
		}
	}
	c := p.years[y.Name]
	for _, w := range c.open[weekly] {
		active += w.n
	}
	if active != y.cadences[weekly].meter {
		t.Errorf("active in %d windows, want the %d that are paid for", active, y.cadences[weekly].meter)
	}
	if p.Counts().Dropped[DropMeter] == 0 {
		t.Error("nothing was dropped by the meter: the test does not reach it")
	}
}
