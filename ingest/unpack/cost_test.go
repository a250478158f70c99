package unpack

import (
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"brume/internal/testenv/packed"
)

// ★ A body whose sizes look honest and that costs much is refused before it has
// cost much more than its bytes may.
func TestDear(t *testing.T) {
	r, err := NewReader([]string{"gzip"}, strings.NewReader(packed.TinyBlocks(8<<20)), limits)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n, err := io.Copy(io.Discard, r)
	spent, most := r.packed.cost.spent, base+time.Duration(n+slack)*perByte+5*time.Millisecond
	t.Logf("%s for %d bytes out of %d", spent, n, r.packed.in)
	if !errors.Is(err, ErrDear) || spent > most {
		t.Errorf("%s for %d bytes, want %s at most: %v", spent, n, most, err)
	}
}

// ★ What the network costs and how long it takes is not held against a body.
func TestWaitingIsFree(t *testing.T) {
	for encoding, body := range map[string]string{"gzip": gzipped(prose(64 << 10)), "zstd": zstdOf(t, prose(64<<10), 1<<20)} {
		r, err := NewReader([]string{encoding}, &laborious{strings.NewReader(body)}, limits)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, r)
		if spent := r.packed.cost.spent; err != nil || n < 64<<10 || spent <= 0 || spent > base {
			t.Errorf("%s: %d bytes for %s: %v", encoding, n, spent, err)
		}
		r.Close()
	}
}

// laborious computes for longer than a body may cost.
type laborious struct{ r io.Reader }

func (l *laborious) Read(p []byte) (int, error) {
	var c cost
	for c.begin(); c.spent < 2*base; c.begin() {
		c.end()
	}
	c.end()
	return l.r.Read(p)
}

// BenchmarkRead measures what honest bodies cost, beside what they may.
func BenchmarkRead(b *testing.B) {
	huffman := func(text string) string {
		var s strings.Builder
		z, err := gzip.NewWriterLevel(&s, gzip.HuffmanOnly)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.WriteString(z, text)
		_ = z.Close()
		return s.String()
	}
	for _, row := range []struct{ name, encoding, body string }{
		{"small gzip", "gzip", gzipped(prose(1000))},
		{"small zstd", "zstd", zstdOf(b, prose(1000), 1<<20)},
		{"gzip", "gzip", gzipped(prose(8 << 20))},
		{"gzip without matches", "gzip", huffman(prose(8 << 20))},
		{"gzip of noise", "gzip", gzipped(noise(8 << 20))},
		{"zstd", "zstd", zstdOf(b, prose(8<<20), 1<<20)},
		{"zstd of noise", "zstd", zstdOf(b, noise(8<<20), 1<<20)},
		{"tiny blocks", "gzip", packed.TinyBlocks(8 << 20)},
	} {
		b.Run(row.name, func(b *testing.B) {
			var out int64
			var spent time.Duration
			for b.Loop() {
				r, err := NewReader([]string{row.encoding}, strings.NewReader(row.body), Limits{Bytes: 9 << 20, Ratio: 20})
				if err != nil {
					b.Fatal(err)
				}
				n, _ := io.Copy(io.Discard, r)
				out, spent = out+n, spent+r.packed.cost.spent
				r.Close()
			}
			b.ReportMetric(float64(spent.Nanoseconds())/float64(out), "cpu-ns/B")
			b.ReportMetric(spent.Seconds()*1e3/float64(b.N), "cpu-ms/body")
		})
	}
}
