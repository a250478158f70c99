package readback

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"brume/schemas/xapi"
)

// cpu is the processor time that the process has used: the machine may be
// shared.
func cpu(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPut fills a window of the default size over and over.
func BenchmarkPut(b *testing.B) {
	const batch = 50
	w := New(Config{Keep: 15 * time.Minute, Bytes: 64 << 20}, time.Now)
	ids := make([]string, 200_000)
	for i := range ids {
		ids[i] = fmt.Sprintf("9dc99b37-e920-4a68-a066-%012x", i)
	}
	list := make([]xapi.Statement, batch)
	for i := range list {
		list[i] = xapi.Statement{Raw: strings.Repeat("x", 1000), Verb: "http://adlnet.gov/expapi/verbs/answered"}
	}
	b.ReportAllocs()
	n, began := 0, cpu(b)
	for b.Loop() {
		for j := range list {
			list[j].ID = ids[n%len(ids)]
			n++
		}
		w.Put(Owner{Number: 7}, false, list, nil)
	}
	b.ReportMetric(float64(cpu(b)-began)/float64(n), "cpu-ns/statement")
}

// BenchmarkCopy is the part of it that no window can spare: as many bytes
// copied into as much memory.
func BenchmarkCopy(b *testing.B) {
	const batch = 50
	to, from := make([]byte, 64<<20), strings.Repeat("x", 1036)
	clear(to)
	n, at, began := 0, 0, cpu(b)
	for b.Loop() {
		for range batch {
			if at+len(from) > len(to) {
				at = 0
			}
			at += copy(to[at:], from)
			n++
		}
	}
	b.ReportMetric(float64(cpu(b)-began)/float64(n), "cpu-ns/statement")
}
