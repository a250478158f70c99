package parts

import (
	"errors"
	"io"
)

var errGate = errors.New("header of a part over its limit")

// gate passes a body on, and while it is shut only so many bytes of it.
type gate struct {
	src     io.Reader
	limited bool
	left    int
	shut    bool  // the limit was passed
	err     error // of src
}

// allow lets n bytes pass until open is called. What a reader has read ahead
// is not counted.
func (g *gate) allow(n int) { g.limited, g.left = true, n }

func (g *gate) open() { g.limited = false }

func (g *gate) Read(p []byte) (int, error) {
	if g.limited {
		if g.left == 0 {
			g.shut = true
			return 0, errGate
		}
		p = p[:min(len(p), g.left)]
	}
	n, err := g.src.Read(p)
	g.left -= n
	if err != nil {
		g.err = err
	}
	return n, err
}
