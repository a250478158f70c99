package ingest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"sync"
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

// readBody reads and decompresses a request's body within the limits. The
// caller MUST recycle the buffer, also after a problem.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request) (*bytes.Buffer, *problem) {
	b := bodies.Get().(*bytes.Buffer)
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return b, &problem{Status: http.StatusUnsupportedMediaType, Code: "request.content_type", Detail: "Send application/json."}
	}
	if r.ContentLength > s.cfg.Body {
		return b, tooLarge()
	}
	limited := http.MaxBytesReader(w, r.Body, s.cfg.Body)
	switch r.Header.Get("Content-Encoding") {
	case "", "identity":
		_, err = b.ReadFrom(limited)
	case "gzip":
		err = s.gunzip(b, limited)
	default:
		return b, &problem{Status: http.StatusUnsupportedMediaType, Code: "request.content_encoding", Detail: "Send gzip, or no encoding."}
	}
	return b, bodyProblem(err)
}

var (
	errBodySize = errors.New("decompressed body over its limit")
	errBomb     = errors.New("decompressed body over its ratio")
)

// gzipSlack lets small bodies compress better than the ratio.
const gzipSlack = 64 << 10

// gunzip decompresses until the body ends or passes a limit.
func (s *Server) gunzip(b *bytes.Buffer, r io.Reader) error {
	counted := &countingReader{r: r}
	z, err := gzip.NewReader(counted)
	if err != nil {
		return err
	}
	for {
		n, err := io.CopyN(b, z, gzipSlack)
		switch size := int64(b.Len()); {
		case size > s.cfg.Body:
			return errBodySize
		case size > counted.n*s.cfg.GzipRatio+gzipSlack:
			return errBomb
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case n == 0:
			return io.ErrNoProgress
		}
	}
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func tooLarge() *problem {
	return &problem{Status: http.StatusRequestEntityTooLarge, Code: "limit.body", Detail: "The body is larger than the limit: send smaller batches."}
}

func bodyProblem(err error) *problem {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || errors.Is(err, errBodySize) {
		return tooLarge()
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errBomb):
		return &problem{Status: http.StatusRequestEntityTooLarge, Code: "limit.gzip_ratio", Detail: "The body compresses too well to be statements."}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &problem{Status: http.StatusRequestTimeout, Code: "request.slow", Detail: "The body did not arrive in time."}
	}
	return &problem{Status: http.StatusBadRequest, Code: "request.body", Detail: "The body could not be read as its headers say."}
}
