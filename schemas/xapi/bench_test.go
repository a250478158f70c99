package xapi

import (
	"bytes"
	"testing"

	"brume/internal/testenv/measure"
)

func BenchmarkDecode(b *testing.B) {
	var batch [][]byte
	funMOOC(b, func(line []byte) {
		if len(batch) < 50 {
			batch = append(batch, bytes.Clone(line))
		}
	})
	body := append(append([]byte("["), bytes.Join(batch, []byte(","))...), ']')
	o := Options{Limits: DefaultLimits()}
	for _, run := range []struct {
		name string
		body []byte
		n    int
	}{{"single", batch[0], 1}, {"batch of 50", body, 50}} {
		b.Run(run.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(run.body)))
			began := measure.CPU()
			for b.Loop() {
				if _, err := Decode(run.body, o); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((measure.CPU()-began).Nanoseconds())/float64(b.N*run.n), "cpu-ns/statement")
		})
	}
}
