package sample

import (
	"bytes"
	"compress/gzip"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxBytes bounds a sample, unpacked.
const maxBytes = 1 << 30

// Read returns the statements of a file as separate JSON texts: one statement,
// an array, or NDJSON, also packed with gzip. Text that cannot be split is
// returned as one piece, for the decoder to say what is wrong with it.
func Read(file string) ([][]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading the sample: %w", err)
	}
	defer f.Close()
	data, err := unpack(f)
	if err != nil {
		return nil, fmt.Errorf("reading the sample %s: %w", file, err)
	}
	return split(data), nil
}

// unpack reads a file, through gzip when it begins as gzip does.
func unpack(f io.ReadSeeker) ([]byte, error) {
	var magic [2]byte
	_, err := io.ReadFull(f, magic[:])
	packed := err == nil && magic == [2]byte{0x1f, 0x8b}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	var r io.Reader = f
	if packed {
		if r, err = gzip.NewReader(f); err != nil {
			return nil, err
		}
	}
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err == nil && len(data) > maxBytes {
		err = errors.New("larger than 1 GiB")
	}
	return data, err
}

// lenient splits values whatever the rules of xAPI say about what is in them.
var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

func split(data []byte) [][]byte {
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return nil
	}
	if first, rest, several := bytes.Cut(data, []byte("\n")); several && data[0] != '[' && whole(first) {
		return append([][]byte{bytes.TrimSpace(first)}, lines(rest)...)
	}
	dec := jsontext.NewDecoder(bytes.NewReader(data), lenient...)
	if data[0] == '[' {
		if _, err := dec.ReadToken(); err != nil {
			return [][]byte{data}
		}
	}
	return values(dec, data)
}

// whole says whether a line is a JSON value by itself.
func whole(line []byte) bool {
	return jsontext.Value(line).IsValid(lenient...)
}

func lines(data []byte) (list [][]byte) {
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			list = append(list, line)
		}
	}
	return list
}

// values reads the decoder's values to the end of its array or text. What
// follows a syntax error is one last piece.
func values(dec *jsontext.Decoder, data []byte) (list [][]byte) {
	for {
		switch kind := dec.PeekKind(); kind {
		case ']':
			dec.ReadToken()
			if rest := bytes.TrimSpace(data[dec.InputOffset():]); len(rest) > 0 {
				list = append(list, rest)
			}
			return list
		default:
			at := dec.InputOffset()
			value, err := dec.ReadValue()
			if err == io.EOF {
				return list
			}
			if err != nil {
				return append(list, broken(data, at))
			}
			list = append(list, bytes.Clone(value))
		}
	}
}

// broken is what follows the last value, at least one byte.
func broken(data []byte, at int64) []byte {
	if rest := bytes.TrimLeft(data[at:], ", \t\r\n"); len(rest) > 0 {
		return rest
	}
	return data[len(data)-1:]
}
