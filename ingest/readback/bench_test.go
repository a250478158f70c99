package readback

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"brume/schemas/xapi"
)

// BenchmarkPut fills a window of the default size over and over.
func BenchmarkPut(b *testing.B) {
	const batch = 50
	w := New(Config{Keep: 15 * time.Minute, Bytes: 64 << 20}, time.Now)
	raw := strings.Repeat("x", 1000)
	batches := make([][]xapi.Statement, 4096)
	for i := range batches {
		batches[i] = make([]xapi.Statement, batch)
		for j := range batches[i] {
			batches[i][j] = xapi.Statement{ID: fmt.Sprintf("9dc99b37-e920-4a68-a066-%012x", i*batch+j), Raw: raw}
		}
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		w.Put(7, false, batches[i%len(batches)])
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch), "ns/statement")
}
