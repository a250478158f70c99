package unpack

import (
	"bufio"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// errTrailing also refuses a second member: opening one costs more than the
// bytes that say so.
var errTrailing = errors.New("bytes after the end of the gzip stream")

var gunzippers = sync.Pool{New: func() any { return &gunzipper{in: bufio.NewReaderSize(nil, chunk)} }}

// gunzipper opens its stream at the first Read, so that nothing is read from a
// connection before somebody asks for it.
type gunzipper struct {
	in   *bufio.Reader
	z    gzip.Reader
	open bool
}

func (r *Reader) openGzip() {
	g := gunzippers.Get().(*gunzipper)
	g.in.Reset(r.packed)
	g.open = false
	r.src = g
	r.release = func() {
		g.in.Reset(nil)
		gunzippers.Put(g)
	}
}

func (g *gunzipper) Read(p []byte) (int, error) {
	if !g.open {
		if err := g.z.Reset(g.in); err != nil {
			if err == io.EOF { // an empty body is no gzip stream
				err = io.ErrUnexpectedEOF
			}
			return 0, err
		}
		g.z.Multistream(false)
		g.open = true
	}
	n, err := g.z.Read(p)
	if err == io.EOF {
		if _, after := g.in.Peek(1); after != io.EOF {
			return n, errors.Join(errTrailing, after)
		}
	}
	return n, err
}
