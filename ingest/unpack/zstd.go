package unpack

import (
	"bufio"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// window is the largest zstd window, in bytes: the decoder holds one whole. It
// is that of level 12; the default level 3 uses half of it.
const window = 4 << 20

var unzstders = sync.Pool{New: func() any {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
	if err != nil {
		panic(err) // the options are constants
	}
	return &unzstder{in: bufio.NewReaderSize(nil, chunk), z: d}
}}

// unzstder opens its stream at the first Read, as gunzipper does. Its decoder
// asks for three bytes at a time, hence the buffer.
type unzstder struct {
	packed *meter
	in     *bufio.Reader
	z      *zstd.Decoder
	open   bool
}

func (r *Reader) openZstd() {
	u := unzstders.Get().(*unzstder)
	u.packed, u.open = r.packed, false
	u.in.Reset(r.packed)
	r.src = u
	r.release = func() {
		u.in.Reset(nil)
		u.packed = nil
		if u.z.Reset(nil) == nil {
			unzstders.Put(u)
		}
	}
}

func (u *unzstder) Read(p []byte) (int, error) {
	if !u.open {
		if err := u.z.Reset(u.in); err != nil {
			return 0, err
		}
		u.open = true
	}
	n, err := u.z.Read(p)
	switch {
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		err = ErrWindow
	case err == io.EOF && u.packed.in == 0: // an empty body is no zstd frame
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
