// Package unpack reads bodies that may be compressed, within limits of size, of
// ratio and of memory.
package unpack

import (
	"errors"
	"io"
	"strings"
)

// Limits bound what one body may become.
type Limits struct {
	Bytes int64 // decompressed
	Ratio int64 // decompressed to compressed bytes
}

// The errors of a body that is refused. Any other error is that of the
// connection, or says that the body is not what its encoding says.
var (
	ErrEncoding = errors.New("content encoding is none of identity, gzip and zstd")
	ErrSize     = errors.New("body over its limit")
	ErrRatio    = errors.New("body over its ratio")
	ErrWindow   = errors.New("zstd window over its limit")
)

// slack lets small bodies compress better than the ratio; it is also the most
// that is decompressed between two looks at the limits.
const slack = 64 << 10

// idle is by how many bytes the compressed input may pass what it has given.
// Compression does not make bodies larger: such input is there to cost time.
const idle = 128 << 10

// Reader gives a body's bytes, decompressed. It MUST be closed.
type Reader struct {
	src     io.Reader
	limits  Limits
	packed  *meter // nil for identity
	out     int64
	release func()
	err     error
}

// NewReader reads body as the values of its header Content-Encoding say. More
// than one encoding is refused: nothing that statements need is gained by it.
func NewReader(encoding []string, body io.Reader, l Limits) (*Reader, error) {
	if len(encoding) > 1 {
		return nil, ErrEncoding
	}
	r := &Reader{src: body, limits: l, release: func() {}}
	switch strings.ToLower(strings.Join(encoding, "")) {
	case "", "identity":
	case "gzip":
		r.packed = &meter{src: body, out: &r.out}
		r.openGzip()
	case "zstd":
		r.packed = &meter{src: body, out: &r.out}
		r.openZstd()
	default:
		return nil, ErrEncoding
	}
	return r, nil
}

// Read gives at most slack bytes. After an error it gives nothing more.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.src.Read(p[:min(len(p), slack)])
	r.out += int64(n)
	switch {
	case r.out > r.limits.Bytes:
		err = ErrSize
	case r.packed != nil && r.out > r.packed.in*r.limits.Ratio+slack:
		err = ErrRatio
	}
	r.err = err
	return n, err
}

// Size is how many bytes come out of so many that come in, 0 when that is not
// known.
func (r *Reader) Size(in int64) int64 {
	if r.packed != nil {
		return 0
	}
	return max(in, 0)
}

// Close gives the decompressor back. The reader MUST NOT be used afterwards.
func (r *Reader) Close() {
	r.release()
	r.err = io.ErrClosedPipe
	r.release = func() {}
}

// meter counts the compressed bytes, and refuses those that give nothing.
type meter struct {
	src io.Reader
	in  int64
	out *int64
}

func (m *meter) Read(p []byte) (int, error) {
	if m.in > *m.out+idle {
		return 0, ErrRatio
	}
	n, err := m.src.Read(p)
	m.in += int64(n)
	return n, err
}
