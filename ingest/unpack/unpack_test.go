package unpack

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
)

func line() int {
	_, _, n, _ := runtime.Caller(1)
	return n
}

var limits = Limits{Bytes: 8 << 20, Ratio: 20}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

func zstdOf(t testing.TB, text string, window int) string {
	t.Helper()
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, zstd.WithWindowSize(window))
	if err != nil {
		t.Fatal(err)
	}
	for part := range strings.SplitAfterSeq(text, "\n") { // written in parts: the frame cannot know its size
		if _, err := io.WriteString(z, part); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// emptyBlocks is a gzip stream of n deflate blocks that give nothing.
func emptyBlocks(n int) string {
	var b strings.Builder
	b.WriteString("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
	b.WriteString(strings.Repeat("\x00\x00\x00\xff\xff", n))
	b.WriteString("\x01\x00\x00\xff\xff")
	return b.String() + "\x00\x00\x00\x00\x00\x00\x00\x00"
}

// noise does not compress.
func noise(n int) string {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return string(b)
}

// prose compresses about as statements do.
func prose(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "ligne %d : %x ; toujours la même chose, ou presque\n", i, crc32.ChecksumIEEE([]byte{byte(i), byte(i >> 8)}))
	}
	return b.String()
}

func read(encoding []string, body io.Reader, l Limits) (string, error) {
	r, err := NewReader(encoding, body, l)
	if err != nil {
		return "", err
	}
	defer r.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(r)
	return b.String(), err
}

// What was packed comes out, twice over the same decompressors.
func TestRead(t *testing.T) {
	for _, text := range []string{"", "a", prose(100_000), prose(3 << 20), noise(300_000), strings.Repeat(" ", 60<<10)} {
		for _, row := range []struct {
			encoding []string
			body     string
		}{
			{nil, text}, {[]string{""}, text}, {[]string{"identity"}, text}, {[]string{"GZIP"}, gzipped(text)},
			{[]string{"zstd"}, zstdOf(t, text, 1<<20)}, {[]string{"Zstd"}, zstdOf(t, text, 4<<20)},
			{[]string{"zstd"}, zstdOf(t, text[:len(text)/2], 1<<20) + zstdOf(t, text[len(text)/2:], 2<<20)},
		} {
			got, err := read(row.encoding, strings.NewReader(row.body), limits)
			if err != nil || got != text {
				t.Errorf("%v, %d bytes: got %d bytes, %v", row.encoding, len(text), len(got), err)
			}
		}
	}
}

var errAny = errors.New("any error of the format")

// Every limit is kept, and what follows a limit is not read.
func TestRefused(t *testing.T) {
	spaces := strings.Repeat(" ", 9<<20)
	rows := []struct {
		line     int
		encoding []string
		body     string
		want     error
	}{
		{line(), []string{"br"}, "", ErrEncoding},
		{line(), []string{"deflate"}, "", ErrEncoding},
		{line(), []string{"gzip, gzip"}, gzipped(gzipped("a")), ErrEncoding},
		{line(), []string{"gzip", "gzip"}, gzipped(gzipped("a")), ErrEncoding},
		{line(), []string{"gzip", "identity"}, gzipped("a"), ErrEncoding},
		{line(), nil, prose(8<<20 + 1), ErrSize},
		{line(), []string{"gzip"}, gzipped(prose(8<<20 + 1)), ErrSize},
		{line(), []string{"zstd"}, zstdOf(t, prose(8<<20+1), 1<<20), ErrSize},
		{line(), []string{"gzip"}, gzipped(spaces), ErrRatio},
		{line(), []string{"zstd"}, zstdOf(t, spaces, 1<<20), ErrRatio},
		{line(), []string{"gzip"}, emptyBlocks(1 << 20), ErrRatio},
		{line(), []string{"zstd"}, strings.Repeat(emptyFrame, 1<<18), ErrRatio},
		{line(), []string{"zstd"}, strings.Repeat("\x50\x2a\x4d\x18\x00\x00\x00\x00", 1<<18), ErrRatio},
		{line(), []string{"zstd"}, zstdOf(t, prose(9<<20), 8<<20), ErrWindow},
		{line(), []string{"zstd"}, "\x28\xb5\x2f\xfd\x00\x98\x01\x00\x00", ErrWindow}, // 512 MiB, and one empty block
		{line(), []string{"gzip"}, "", errAny},
		{line(), []string{"gzip"}, "no gzip", errAny},
		{line(), []string{"gzip"}, gzipped("a") + gzipped("b"), errAny},
		{line(), []string{"gzip"}, gzipped("a") + "b", errAny},
		{line(), []string{"gzip"}, gzipped(prose(1000))[:200], errAny},
		{line(), []string{"zstd"}, "", errAny},
		{line(), []string{"zstd"}, "no zstd", errAny},
		{line(), []string{"zstd"}, zstdOf(t, "a", 1<<20) + "b", errAny},
		{line(), []string{"zstd"}, zstdOf(t, prose(1000), 1<<20)[:100], errAny},
	}
	for _, row := range rows {
		text, err := read(row.encoding, strings.NewReader(row.body), limits)
		if err == nil || row.want != errAny && !errors.Is(err, row.want) {
			t.Errorf("line %d: got %d bytes and %v, want %v", row.line, len(text), err, row.want)
		}
		if int64(len(text)) > limits.Bytes+slack {
			t.Errorf("line %d: gave %d bytes", row.line, len(text))
		}
	}
}

const emptyFrame = "\x28\xb5\x2f\xfd\x00\x00\x01\x00\x00"

// Hostile bodies cost at most 8 MiB, counted over all allocations, and no more
// input is read than it takes to see what they are.
func TestHostileCost(t *testing.T) {
	bomb := gzipped(strings.Repeat(" ", 48<<20))
	frames := strings.Repeat(emptyFrame, 1<<20)
	blocks := emptyBlocks(1 << 20)
	window := "\x28\xb5\x2f\xfd\x00\x60" + strings.Repeat("\x02\x00\x00 ", 1000) // 4 MiB of window for blocks of one byte
	for _, row := range []struct{ encoding, body string }{
		{"gzip", bomb}, {"gzip", blocks}, {"zstd", zstdOf(t, strings.Repeat(" ", 48<<20), 1<<20)}, {"zstd", frames}, {"zstd", window},
	} {
		in := &counter{r: strings.NewReader(row.body)}
		var before, after runtime.MemStats
		runtime.GC() // twice: pools forget
		runtime.GC()
		runtime.ReadMemStats(&before)
		r, err := NewReader([]string{row.encoding}, in, limits)
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, r)
		r.Close()
		runtime.ReadMemStats(&after)
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 8<<20 {
			t.Errorf("%s of %d bytes: allocated %d bytes", row.encoding, len(row.body), spent)
		}
		if err == nil || n > 1<<20 || in.n > 1<<20 {
			t.Errorf("%s of %d bytes: read %d, gave %d, %v", row.encoding, len(row.body), in.n, n, err)
		}
	}
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// An error of the connection stays what it is.
func TestBodyError(t *testing.T) {
	broken := errors.New("connection lost")
	for encoding, body := range map[string]string{"": "abc", "gzip": gzipped(prose(1000))[:50], "zstd": zstdOf(t, prose(1000), 1<<20)[:50]} {
		_, err := read([]string{encoding}, io.MultiReader(strings.NewReader(body), iotest.ErrReader(broken)), limits)
		if !errors.Is(err, broken) {
			t.Errorf("%q: %v", encoding, err)
		}
	}
}
