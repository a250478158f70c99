package replay

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
)

func compressed(path string) bool {
	return strings.HasSuffix(path, ".gz") || strings.HasSuffix(path, ".zst")
}

// decoder decompresses a file as its name says.
type decoder struct {
	io.Reader
	file *os.File
	zstd *zstd.Decoder
}

func openDecoder(path string) (*decoder, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	d := &decoder{Reader: bufio.NewReaderSize(f, 1<<16), file: f}
	switch {
	case strings.HasSuffix(path, ".gz"):
		d.Reader, err = gzip.NewReader(d.Reader)
	case strings.HasSuffix(path, ".zst"):
		if d.zstd, err = zstd.NewReader(d.Reader, zstd.WithDecoderConcurrency(1)); err == nil {
			d.Reader = d.zstd
		}
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return d, nil
}

// Close ends decompression and closes the file.
func (d *decoder) Close() error {
	if d.zstd != nil {
		d.zstd.Close()
	}
	return d.file.Close()
}

// limitedBuffer keeps what is written until there is too much, then nothing.
type limitedBuffer struct {
	b     []byte
	limit int64
	full  bool
}

func (l *limitedBuffer) Write(p []byte) (int, error) {
	if l.full = l.full || int64(len(l.b)+len(p)) > l.limit; l.full {
		l.b = nil
	} else {
		l.b = append(l.b, p...)
	}
	return len(p), nil
}
