package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// splitter splits a body. Lines end with \n or \r\n, the last may end with the
// body.
type splitter struct {
	in      *bufio.Reader
	longest int
	number  int // of the line read last, from 1
}

// newSplitter splits in; no line longer than longest is given.
func newSplitter(in io.Reader, longest int) *splitter {
	return &splitter{in: bufio.NewReaderSize(in, longest+len("\r\n")), longest: longest}
}

// next gives a line without its end, nil when it is too long. What it gives is
// valid until the next call. A line that an error cut is not given.
func (l *splitter) next() ([]byte, error) {
	text, err := l.in.ReadSlice('\n')
	long := errors.Is(err, bufio.ErrBufferFull)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = l.in.ReadSlice('\n')
	}
	if err != nil && (err != io.EOF || len(text) == 0) {
		return nil, err
	}
	l.number++
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	if long || len(text) > l.longest {
		return nil, nil
	}
	return text, nil
}
