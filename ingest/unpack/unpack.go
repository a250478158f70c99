// Package unpack reads bodies that may be compressed, within limits of size, of
// ratio, of memory and of processor time.
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
	ErrDear     = errors.New("body costs more to decompress than its size allows")
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
	n, err := r.unpack(p[:min(len(p), slack)])
	r.out += int64(n)
	switch {
	case r.out > r.limits.Bytes:
		err = ErrSize
	case r.packed != nil && r.out > r.packed.in*r.limits.Ratio+slack:
		err = ErrRatio
	case r.packed != nil && r.packed.cost.dear(r.out):
		err = ErrDear
	}
	r.err = err
	return n, err
}

func (r *Reader) unpack(p []byte) (int, error) {
	if r.packed != nil {
		r.packed.cost.begin()
		defer r.packed.cost.end()
	}
	return r.src.Read(p)
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

// chunk is how much compressed input may be decompressed between two looks at
// what it cost.
const chunk = 4 << 10

// meter counts the compressed bytes, and refuses those that give nothing or cost
// too much. It is read only while its cost is counted.
type meter struct {
	src  io.Reader
	in   int64
	out  *int64
	cost cost
}

func (m *meter) Read(p []byte) (int, error) {
	m.cost.end()
	defer m.cost.begin()
	switch {
	case m.in > *m.out+idle:
		return 0, ErrRatio
	case m.cost.dear(*m.out):
		return 0, ErrDear
	}
	n, err := m.src.Read(p)
	m.in += int64(n)
	return n, err
}
