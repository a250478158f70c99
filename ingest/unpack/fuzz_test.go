package unpack

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// Whatever the body, what comes out keeps the limits and is what the packer's
// own reader gives; a body that was packed comes out whole.
func FuzzRead(f *testing.F) {
	for _, text := range []string{"", "a", prose(1000), strings.Repeat(" ", 1000)} {
		f.Add([]byte(text), uint8(0))
		f.Add([]byte(gzipped(text)), uint8(1))
		f.Add([]byte(zstdOf(f, text, 1<<10)), uint8(2))
	}
	f.Add([]byte(gzipped("a")+gzipped("b")), uint8(1))
	f.Add([]byte(emptyBlocks(10)), uint8(1))
	f.Add([]byte(strings.Repeat(emptyFrame, 10)), uint8(2))
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\x98\x01\x00\x00"), uint8(2))
	f.Fuzz(func(t *testing.T, body []byte, kind uint8) {
		encoding := []string{"identity", "gzip", "zstd"}[kind%3]
		l := Limits{Bytes: 1 << 20, Ratio: 20}
		text, err := read([]string{encoding}, bytes.NewReader(body), l)
		if int64(len(text)) > l.Bytes+slack || encoding != "identity" && int64(len(text)) > int64(len(body))*l.Ratio+2*slack {
			t.Errorf("%d bytes out of %d", len(text), len(body))
		}
		if err != nil {
			return
		}
		if want := reference(t, encoding, body); text != want {
			t.Errorf("%d bytes, want %d", len(text), len(want))
		}
	})
}

// reference unpacks without limits.
func reference(t *testing.T, encoding string, body []byte) string {
	var r io.Reader = bytes.NewReader(body)
	switch encoding {
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	case "zstd":
		z, err := zstd.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		r = z
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
