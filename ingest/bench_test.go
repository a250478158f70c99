package ingest

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// devNull acknowledges at once, so that the endpoint alone is measured.
type devNull struct{}

func (devNull) Produce(context.Context, string, int, ...[]byte) error { return nil }

func BenchmarkStatements(b *testing.B) {
	e := newEndpoint(b, func(_ *Config, d *Deps) { d.Producer = devNull{} })
	one := func(i int) string {
		return statement(strconv.Itoa(i), `,"id":"9dc99b37-e920-4a68-a066-`+strconv.Itoa(100000000000+i)+`","timestamp":"2026-09-14T09:59:59Z",`+
			`"result":{"success":true,"score":{"scaled":0.8},"duration":"PT61S"},"context":{"extensions":{"`+ext+`uai":"0139101X","`+ext+`level":"6e","`+ext+`subject":"mathematiques"}}`)
	}
	for _, n := range []int{1, 50} {
		var list []string
		for i := range n {
			list = append(list, one(i))
		}
		body := "[" + strings.Join(list, ",") + "]"
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if w := e.post(body); w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/statement")
		})
	}
}
