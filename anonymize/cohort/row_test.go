package cohort

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"brume/internal/testenv/measure"
	"brume/schemas/event"
)

// crowd folds one statement of each of n pupils, spread over the registry's
// schools, levels and subjects, into a week.
func crowd(p *Partition, y *Year, n, week int) {
	base := at(y, "", week, 0)
	for i := range n {
		e := base
		e.Actor = event.NewActor("account:https://ent.lyon.example|" + strconv.Itoa(i))
		e.School = y.Registry.Schools[i%len(y.Registry.Schools)].UAI
		e.Level = uint8(1 + i%len(y.Registry.Levels))
		e.Subject = uint8(1 + i%len(y.Registry.Subjects))
		e.Outcome = event.Outcome(i % 3)
		e.Fingerprint = uint64(week)<<40 | uint64(i)
		p.Fold(&e, logged.AddDate(0, 0, 7*week))
	}
}

const million = 1_000_000

// BenchmarkRowMemory weighs what a partition holds with two open windows.
func BenchmarkRowMemory(b *testing.B) {
	const pupils = million
	y := newYear(b)
	for b.Loop() {
		before := measure.Heap()
		p := open(b, y)
		crowd(p, y, pupils, 0)
		crowd(p, y, pupils, 1)
		all := measure.Heap()
		p.seen = newDuplicates()
		state := measure.Heap() - before
		runtime.KeepAlive(p)
		measure.Report(b, map[string]float64{
			measure.Result: state / pupils,
			"window":       state / (2 * pupils),
			"all":          (all - before) / pupils,
		})
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

// BenchmarkRowClose closes a week with a million active pupils; the reference
// reads each row of it once.
func BenchmarkRowClose(b *testing.B) {
	y := yearOf(b, measure.Nation(60_000))
	for b.Loop() {
		p := open(b, y)
		crowd(p, y, million, 1)
		w := p.years[y.Name].open[weekly][1]
		began := time.Now()
		pass := sink(w, p)
		once := time.Since(began)
		began = time.Now()
		closed, err := p.Control(closing(y, 1))
		if err != nil || len(closed) != 2 {
			b.Fatal(len(closed), err)
		}
		took := time.Since(began)
		runtime.KeepAlive(pass)
		measure.Report(b, map[string]float64{measure.Result: took.Seconds(), "pass": once.Seconds()})
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
