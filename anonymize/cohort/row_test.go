package cohort

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"brume/internal/testenv/measure"
	"brume/schemas/control"
	"brume/schemas/event"
	"brume/schemas/registry"
)

// crowd folds statements of each of n pupils, spread over the registry's
// schools and levels, into a week: two answers, right and wrong, in each of so
// many subjects.
func crowd(p *Partition, y *Year, n, week, subjects int) {
	base := at(y, "", week, 0)
	for k := range 2 * subjects {
		for i := range n {
			e := base
			e.Actor = event.NewActor("account:https://ent.lyon.example|" + strconv.Itoa(i))
			e.School = y.Registry.Schools[i%len(y.Registry.Schools)].UAI
			e.Level = uint8(1 + i%len(y.Registry.Levels))
			e.Subject = uint8(1 + (i+k/2)%len(y.Registry.Subjects))
			e.Tool = uint16(1 + k/2%len(y.Registry.Tools))
			e.Outcome, e.Score, e.Duration = event.Outcome(1+k%2), int16(300+400*(k%2)), int32(600+i%1000)
			e.Fingerprint = uint64(week)<<40 | uint64(k)<<32 | uint64(i)
			p.Fold(&e, logged.AddDate(0, 0, 7*week))
		}
	}
}

// fullPlan is the whole plan of the design over the default calendar.
func fullPlan(b *testing.B, reg *registry.Registry) *Year {
	p := defaultPolicy(b)
	p.Families = fullFamilies()
	return newYearOf(b, p, reg)
}

const million = 1_000_000

// BenchmarkRowMemory weighs what a partition holds of pupils who were active in
// two open weeks and their half-term, two subjects a week; and, for comparison,
// in one and in four.
func BenchmarkRowMemory(b *testing.B) {
	y := fullPlan(b, registry.Demonstration(0))
	for b.Loop() {
		result := map[string]float64{}
		for _, tt := range []struct {
			subjects, pupils int
			name             string
		}{{1, million / 4, "one-subject"}, {2, million, measure.Result}, {4, million / 4, "four-subjects"}} {
			before := measure.Heap()
			p := open(b, y)
			crowd(p, y, tt.pupils, 0, tt.subjects)
			crowd(p, y, tt.pupils, 1, tt.subjects)
			p.seen = newDuplicates()
			result[tt.name] = (measure.Heap() - before) / float64(tt.pupils)
			runtime.KeepAlive(p)
		}
		measure.Report(b, result)
	}
}

// BenchmarkRowDuplicates weighs the index of the statements of the last 72
// hours.
func BenchmarkRowDuplicates(b *testing.B) {
	const statements = 3 * million
	for b.Loop() {
		before := measure.Heap()
		d := newDuplicates()
		x := uint64(1)
		began := time.Now()
		for i := range statements {
			x = x*6364136223846793005 + 1442695040888963407 // Knuth's generator: distinct, spread
			d.seen(x, int64(i)*keepHours/statements)
		}
		took := time.Since(began)
		weight := measure.Heap() - before
		runtime.KeepAlive(d)
		measure.Report(b, map[string]float64{
			measure.Result: weight / statements,
			"probe-ns":     float64(took.Nanoseconds()) / statements,
		})
	}
}

// BenchmarkRowClose closes a week with a million active pupils, all families,
// two subjects each; the reference reads each row of it once. half-term-s is
// the same for the half-term.
func BenchmarkRowClose(b *testing.B) {
	y := fullPlan(b, measure.Nation(60_000))
	for b.Loop() {
		p := open(b, y)
		crowd(p, y, million, 1, 2)
		w := p.years[y.Name].open[weekly][1]
		began := time.Now()
		pass := sink(w, p)
		once := time.Since(began)
		took := map[string]float64{"pass": once.Seconds()}
		for name, r := range map[string]control.Record{measure.Result: closing(y, 1), "half-term-s": closingOf(y, periodic, 0)} {
			began = time.Now()
			if closed, err := p.Control(r); err != nil || len(closed) == 0 {
				b.Fatal(len(closed), err)
			}
			took[name] = time.Since(began).Seconds()
		}
		runtime.KeepAlive(pass)
		measure.Report(b, took)
	}
}

// sink reads everything that a close must read.
func sink(w *rows, p *Partition) (sum uint64) {
	c := p.years[p.Years()[0]]
	for pupil := range w.refs {
		sum += uint64(c.pupils.ids[pupil][0])
		for _, b := range w.get(uint32(pupil)) {
			sum += uint64(b)
		}
	}
	return sum
}
