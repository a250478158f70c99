package replay

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// maxLine bounds one line; the endpoint's own limit is lower.
const maxLine = 8 << 20

// ErrTooLarge says that a compressed file is neither in time order nor small
// enough to be held in memory.
var ErrTooLarge = errors.New("compressed file is out of order and too large to sort in memory: decompress it first")

// entry is one statement of the file; 24 bytes.
type entry struct {
	time   int64 // its timestamp, Unix nanoseconds
	offset int64 // in the decompressed file
	length int32
}

// lines is a file of statements in time order. Plain files are read where they
// stand; compressed ones are held in memory up to a limit, or streamed when
// they already are in order.
type lines struct {
	path       string
	entries    []entry
	unreadable int64
	ordered    bool
	memory     []byte   // decompressed file, when held
	file       *os.File // plain file
	stream     *decoder // ordered compressed file, at position
	position   int64
	buffer     []byte
}

// openLines reads the file once to learn the order of its statements.
func openLines(path string, memoryLimit int64) (*lines, error) {
	l := &lines{path: path, ordered: true}
	hold := compressed(path)
	d, err := openDecoder(path)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	var r io.Reader = d
	kept := &limitedBuffer{limit: memoryLimit}
	if hold {
		r = io.TeeReader(d, kept)
	}
	if err := l.index(r); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if !l.ordered {
		slices.SortStableFunc(l.entries, func(a, b entry) int { return cmp.Compare(a.time, b.time) })
	}
	switch {
	case !hold:
		l.file, err = os.Open(path)
	case !kept.full:
		l.memory = kept.b
	case l.ordered:
		l.stream, err = openDecoder(path)
	default:
		err = fmt.Errorf("%s: %w", path, ErrTooLarge)
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

// index notes the place and time of every line that is a JSON object. A
// statement without a readable timestamp stays behind the one before it.
func (l *lines) index(r io.Reader) error {
	var offset, next, last int64
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 1<<16), maxLine)
	sc.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		advance, token, err := bufio.ScanLines(data, atEOF)
		offset, next = next, next+int64(advance)
		return advance, token, err
	})
	for sc.Scan() {
		line := sc.Bytes()
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		t, err := timeOf(line)
		if err != nil {
			l.unreadable++
			continue
		}
		if t == 0 {
			t = last
		}
		l.ordered = l.ordered && t >= last
		last = t
		l.entries = append(l.entries, entry{t, offset, int32(len(line))})
	}
	return sc.Err()
}

// timeOf reads a statement's timestamp, else its stored time; 0 when it has
// neither. What strict xAPI refuses is for the endpoint to refuse; only what
// is no JSON object at all is an error.
func timeOf(line []byte) (int64, error) {
	var s struct {
		Timestamp jsontext.Value `json:"timestamp"`
		Stored    jsontext.Value `json:"stored"`
	}
	if err := json.Unmarshal(line, &s, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return 0, err
	}
	for _, v := range []jsontext.Value{s.Timestamp, s.Stored} {
		if t, err := time.Parse(time.RFC3339, strings.Trim(string(v), `"`)); err == nil {
			return t.UnixNano(), nil
		}
	}
	return 0, nil
}

// hash names the file's statements and their order, for the state file.
func (l *lines) hash() [32]byte {
	h := sha256.New()
	var b [20]byte
	for _, e := range l.entries {
		binary.BigEndian.PutUint64(b[:], uint64(e.time))
		binary.BigEndian.PutUint64(b[8:], uint64(e.offset))
		binary.BigEndian.PutUint32(b[16:], uint32(e.length))
		h.Write(b[:])
	}
	return [32]byte(h.Sum(nil))
}

// at reads the i-th statement in time order; valid until the next call. When
// streaming, i must not go back.
func (l *lines) at(i int) ([]byte, error) {
	e := l.entries[i]
	if l.memory != nil {
		return l.memory[e.offset : e.offset+int64(e.length)], nil
	}
	l.buffer = slices.Grow(l.buffer[:0], int(e.length))[:e.length]
	if l.file != nil {
		_, err := l.file.ReadAt(l.buffer, e.offset)
		return l.buffer, err
	}
	if _, err := io.CopyN(io.Discard, l.stream, e.offset-l.position); err != nil {
		return nil, err
	}
	l.position = e.offset + int64(e.length)
	_, err := io.ReadFull(l.stream, l.buffer)
	return l.buffer, err
}

// Close gives up the file and the memory.
func (l *lines) Close() error {
	l.memory = nil
	switch {
	case l.file != nil:
		return l.file.Close()
	case l.stream != nil:
		return l.stream.Close()
	}
	return nil
}
