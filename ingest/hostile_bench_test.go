package ingest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"brume/internal/testenv/measure"
)

// fullOf is a body of at most so many bytes, as large as the limits let it be:
// the statement with a last member each time, which may hold its number.
func fullOf(size int, statement, last string) string {
	var b strings.Builder
	for i := 0; i < 1000 && b.Len()+len(statement)+len(last)+40 < size; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strings.TrimSuffix(statement, "}"))
		b.WriteString(strings.ReplaceAll(last, "#", fmt.Sprintf("%012d", i)))
		b.WriteString("}")
	}
	return "[" + b.String() + "]"
}

// requests are the ways to send a dear statement.
func requests(statement string) map[string]hostile {
	const full, packed = 8 << 20, 4 << 20
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	return map[string]hostile{
		"plain": {body: fullOf(full, statement, "")},
		"dated": {body: fullOf(full, statement, `,"timestamp":"2026-09-14T09:59:59Z"`)}, // its digest gives the id
		"again": {body: fullOf(full, statement, `,"id":"9dc99b37-e920-4a68-a066-#"`)},
		"parts": {body: "--b\r\nContent-Type: application/json\r\n\r\n" + fullOf(full-100, statement, "") + "\r\n--b--\r\n",
			edit: header("Content-Type", "multipart/mixed; boundary=b")},
		"packed": {body: coded(fullOf(packed, statement, "")), edit: header("Content-Encoding", "gzip")},
	}
}

// BenchmarkHostileRequests sends dear bodies through the whole handler, reading
// back switched on, those named again after a text that only parsing can tell
// to be the same.
func BenchmarkHostileRequests(b *testing.B) {
	for name, statement := range dear() {
		for way, h := range requests(statement) {
			b.Run(name+"/"+way, func(b *testing.B) {
				fastest := time.Hour
				for b.Loop() {
					e := newEndpoint(b, func(_ *Config, d *Deps) { d.Producer, d.Log = devNull{}, nil })
					if way == "again" {
						e.post(strings.ReplaceAll(h.body, `,"verb"`, ` ,"verb"`))
					}
					began := measure.CPU()
					w := e.send(http.MethodPost, "/xapi/statements", h.body, h.edit)
					fastest = min(fastest, measure.CPU()-began)
					if w.Code != http.StatusOK {
						b.Fatal(w.Code, w.Body)
					}
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(fastest.Microseconds())/1e3, "cpu-ms/request")
			})
		}
	}
}
