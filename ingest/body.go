package ingest

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
	"unsafe"

	"brume/ingest/parts"
	"brume/ingest/unpack"
	"brume/schemas/xapi"
)

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keepBody bounds the buffers that the pool keeps.
const keepBody = 1 << 20

func recycle(b *bytes.Buffer) {
	if b.Cap() <= keepBody {
		b.Reset()
		bodies.Put(b)
	}
}

// body is what a request holds.
type body struct {
	text      *bytes.Buffer // of the statements
	multipart bool
	parts     []parts.Part
}

// readBody reads and decompresses a request's body within the limits. The
// caller MUST recycle the text, also after a problem.
func (s *Server) readBody(w http.ResponseWriter, r *request) (b body, p *problem) {
	b.text = bodies.Get().(*bytes.Buffer)
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	b.multipart = kind == "multipart/mixed"
	if err != nil || kind != "application/json" && !b.multipart {
		return b, wrongType()
	}
	most := s.largest(r.Request)
	in, p := s.open(w, r.Request, most)
	if p != nil {
		return b, p
	}
	defer in.Close()
	if b.multipart {
		limits := parts.DefaultLimits()
		limits.Body = most
		b.parts, err = parts.Read(in, params["boundary"], b.text, limits, r.v2)
	} else {
		err = unpack.Fill(b.text, in, in.Size(r.ContentLength), most)
	}
	return b, bodyProblem(err)
}

// largest is how many bytes a body may have. One that is compressed may become
// half as large as another: unpacking can cost what decoding costs.
func (s *Server) largest(r *http.Request) int64 {
	if encoding := r.Header.Get("Content-Encoding"); encoding == "" || strings.EqualFold(encoding, "identity") {
		return s.cfg.Body
	}
	return s.cfg.Body / 2
}

// string is the text without a copy when its buffer is too large to be kept:
// then nobody writes to it again.
func (b *body) string() string {
	if b.text.Cap() <= keepBody {
		return b.text.String()
	}
	return unsafe.String(unsafe.SliceData(b.text.Bytes()), b.text.Len())
}

// wrongType is 400 and not 415: the specification says so.
func wrongType() *problem {
	return &problem{Status: http.StatusBadRequest, Code: "request.content_type"}
}

// open begins to read a body of at most so many bytes, compressed or not. The
// reader MUST be closed.
func (s *Server) open(w http.ResponseWriter, r *http.Request, limit int64) (*unpack.Reader, *problem) {
	if r.ContentLength > limit {
		return nil, tooLarge()
	}
	in, err := unpack.NewReader(r.Header.Values("Content-Encoding"), http.MaxBytesReader(w, r.Body, limit),
		unpack.Limits{Bytes: limit, Ratio: s.cfg.GzipRatio})
	return in, bodyProblem(err)
}

func tooLarge() *problem {
	return &problem{Status: http.StatusRequestEntityTooLarge, Code: "limit.body"}
}

func bodyProblem(err error) *problem {
	if faults, ok := errors.AsType[xapi.Faults](err); ok {
		return invalid(faults)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || errors.Is(err, unpack.ErrSize) {
		return tooLarge()
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unpack.ErrEncoding):
		return &problem{Status: http.StatusUnsupportedMediaType, Code: "request.content_encoding"}
	case errors.Is(err, unpack.ErrRatio):
		return &problem{Status: http.StatusRequestEntityTooLarge, Code: "limit.gzip_ratio"}
	case errors.Is(err, unpack.ErrWindow):
		return &problem{Status: http.StatusRequestEntityTooLarge, Code: "limit.zstd_window"}
	case errors.Is(err, unpack.ErrDear):
		return &problem{Status: http.StatusRequestEntityTooLarge, Code: "limit.unpacking"}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &problem{Status: http.StatusRequestTimeout, Code: "request.slow"}
	}
	return &problem{Status: http.StatusBadRequest, Code: "request.body"}
}
