package unpack

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// Fill reads what is there, however it comes, and grows to the next power of two
// and not beyond.
func TestFill(t *testing.T) {
	for _, size := range []int{0, 1, 511, 512, 513, 1 << 16, 1<<16 + 1, 100_000} {
		text := strings.Repeat("0123456789", size/10+1)[:size]
		for name, in := range map[string]io.Reader{
			"whole": strings.NewReader(text), "halves": iotest.HalfReader(strings.NewReader(text)), "the end with the last": iotest.DataErrReader(strings.NewReader(text)),
		} {
			var b bytes.Buffer
			if err := Fill(&b, in); err != nil || b.String() != text {
				t.Errorf("%s, %d bytes: %d, %v", name, size, b.Len(), err)
			}
			if most := max(2*(size-1), 512); b.Cap() > most {
				t.Errorf("%s, %d bytes: room for %d", name, size, b.Cap())
			}
		}
	}
	if err := Fill(new(bytes.Buffer), iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("ab")))); err != iotest.ErrTimeout {
		t.Errorf("error %v", err)
	}
}
