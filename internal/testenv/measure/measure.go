// Package measure is what the benchmarks of the table of docs/performance.md
// have in common: their metrics, CPU time, and a registry of national size.
package measure

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"brume/schemas/registry"
)

// Result is the metric that a row of the table shows; every other metric of
// the benchmark is a reference or a condition that the row names.
const Result = "result"

// CPU is the processor time that this process has used.
func CPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // cannot fail for the process itself
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Rate is how often fn, which does n things, does one of them in a second of
// this process's CPU time, the collector's included. It calls fn until half a
// second has passed.
func Rate(n int, fn func()) float64 {
	fn() // caches and lazy tables
	runtime.GC()
	began, done := CPU(), 0
	for CPU()-began < 500*time.Millisecond {
		fn()
		done += n
	}
	return float64(done) / (CPU() - began).Seconds()
}

// Heap is how many bytes of the heap are in use after a collection.
func Heap() float64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// Report gives the benchmark its metrics and hides the time per operation,
// which means nothing for a row.
func Report(b *testing.B, metrics map[string]float64) {
	b.Helper()
	b.ReportMetric(0, "ns/op")
	for name, v := range metrics {
		b.ReportMetric(v, name)
	}
}

// Nation is a registry of so many schools in 100 departments of 25 academies,
// in the three zones. Names and numbers are invented.
func Nation(schools int) *registry.Registry {
	demo := registry.Demonstration(1)
	r := &registry.Registry{Levels: demo.Levels, Subjects: demo.Subjects, Tools: demo.Tools}
	for d := range departments {
		r.Departments = append(r.Departments, registry.Department{
			Code: fmt.Sprintf("%02d", d), Name: fmt.Sprintf("Département %d", d),
			Academy: fmt.Sprintf("Académie %d", d/4), Zone: string("ABC"[d/4%3]),
		})
	}
	each := (schools + departments - 1) / departments
	for i := range schools {
		kind := registry.College
		if i%3 == 2 {
			kind = registry.Lycee
		}
		r.Schools = append(r.Schools, registry.School{
			UAI: registry.UAI(10_000*(i/each+1) + i%each), Name: fmt.Sprintf("École %d", i), Kind: kind, Commune: "Brumeville",
			Department: r.Departments[i/each].Code, Sector: registry.Public, Enrolment: 100 + i%400,
		})
	}
	return r
}

const departments = 100
