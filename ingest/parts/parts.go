// Package parts reads multipart/mixed requests: statements first, then the
// contents of their attachments, which it checks against what the statements
// say of them, signatures included.
package parts

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strconv"
	"strings"

	"brume/ingest/unpack"
	"brume/schemas/xapi"
)

// Part is the content of an attachment.
type Part struct {
	SHA2        string // lower case
	ContentType string
	Body        []byte
	length      string // Content-Length, "" when absent
}

// Limits bound what one request may hold.
type Limits struct {
	Parts  int   // beside the statements
	Bytes  int64 // of one part
	Body   int64 // bytes of all together
	Header int   // bytes of the header of one part, and before the first
}

// DefaultLimits are the limits of the ingestion endpoint.
func DefaultLimits() Limits { return Limits{Parts: 20, Bytes: 5 << 20, Body: 8 << 20, Header: 4 << 10} }

const hashHeader = "X-Experience-API-Hash"

// Read splits a body: the statements' text goes into statements, the rest is
// returned. The error is of type xapi.Faults, or that of the body. Contents share
// one buffer, which lives as long as one of them does.
func Read(body io.Reader, boundary string, statements *bytes.Buffer, l Limits, v2 bool) ([]Part, error) {
	s := &splitter{gate: gate{src: body}, limits: l, v2: v2}
	if !validBoundary(boundary) {
		return nil, s.refuse(BadBoundary, 0)
	}
	s.parts = multipart.NewReader(&s.gate, boundary)
	if err := s.first(statements); err != nil {
		return nil, s.explain(err)
	}
	var list []Part
	for {
		part, err := s.next()
		if err == io.EOF {
			_, err = io.Copy(io.Discard, body) // what follows has a size and a checksum too
			return s.cut(list), err
		}
		if err != nil {
			return nil, s.explain(err)
		}
		if len(list) == l.Parts {
			return nil, s.refuse(TooManyParts, 0)
		}
		p, err := s.content(part, len(list)+2)
		if err != nil {
			return nil, s.explain(err)
		}
		list = append(list, p)
	}
}

// cut gives each part its content.
func (s *splitter) cut(list []Part) []Part {
	all, from := s.contents.Bytes(), 0
	for i, to := range s.ends {
		list[i].Body = all[from:to:to]
		from = to
	}
	return list
}

// splitter reads the parts one after the other.
type splitter struct {
	gate   gate
	parts  *multipart.Reader
	limits Limits
	v2     bool

	contents bytes.Buffer // of all parts, so that memory grows once and not for each
	ends     []int        // of each part in contents
}

// refuse is a broken rule of a part, 0 for the body as a whole.
func (s *splitter) refuse(code xapi.Code, part int) xapi.Faults {
	return xapi.Faults{fault(code, place{part: part}, s.v2)}
}

// next reads the header of a part. mime/multipart allows one of 10 MiB, the
// gate does not.
func (s *splitter) next() (*multipart.Part, error) {
	s.gate.allow(s.limits.Header)
	defer s.gate.open()
	return s.parts.NextRawPart()
}

func (s *splitter) first(statements *bytes.Buffer) error {
	part, err := s.next()
	if err == io.EOF {
		return s.refuse(NotMultipart, 0)
	}
	if err != nil {
		return err
	}
	kind, ok := mediaType(part.Header)
	if !ok || kind != "application/json" {
		return s.refuse(StatementsFirst, 0)
	}
	if encoding, ok := single(part.Header, "Content-Transfer-Encoding"); ok && !identity(encoding) {
		return s.refuse(TransferEncoding, 1)
	}
	return unpack.Fill(statements, part, 0, s.limits.Body)
}

// content reads a part's content and checks its header; number counts from 1.
func (s *splitter) content(part *multipart.Part, number int) (Part, error) {
	h := part.Header
	if _, ok := mediaType(h); !ok {
		return Part{}, s.refuse(PartType, number)
	}
	if encoding, _ := single(h, "Content-Transfer-Encoding"); !strings.EqualFold(encoding, "binary") {
		return Part{}, s.refuse(TransferEncoding, number)
	}
	sum, ok := single(h, hashHeader)
	if !ok {
		return Part{}, s.refuse(HashMissing, number)
	}
	length, ok := single(h, "Content-Length")
	if !ok && length != "" {
		return Part{}, s.refuse(PartLength, number)
	}
	start := s.contents.Len()
	err := unpack.Fill(&s.contents, io.LimitReader(part, s.limits.Bytes+1), 0, s.limits.Body)
	n := int64(s.contents.Len() - start)
	switch {
	case n > s.limits.Bytes:
		return Part{}, s.refuse(PartTooLarge, number)
	case err != nil:
		return Part{}, err
	case !hashes(s.contents.Bytes()[start:], strings.ToLower(sum)):
		return Part{}, s.refuse(HashWrong, number)
	case length != "" && length != strconv.FormatInt(n, 10):
		return Part{}, s.refuse(PartLength, number)
	}
	s.ends = append(s.ends, s.contents.Len())
	return Part{SHA2: strings.ToLower(sum), ContentType: h.Get("Content-Type"), length: length}, nil
}

// explain tells what ended the reading: the body's own error, the gate, or a
// form that is not that of RFC 2046. The text of mime/multipart's errors holds
// what was sent and goes nowhere.
func (s *splitter) explain(err error) error {
	if _, ok := errors.AsType[xapi.Faults](err); ok {
		return err
	}
	switch {
	case s.gate.shut:
		return s.refuse(HeaderTooLarge, 0)
	case s.gate.err != nil && s.gate.err != io.EOF:
		return s.gate.err
	case errors.Is(err, unpack.ErrSize):
		return err
	}
	return s.refuse(NotMultipart, 0)
}

// single is the value of a header that stands once.
func single(h textproto.MIMEHeader, name string) (string, bool) {
	values := h.Values(name)
	if len(values) != 1 {
		return strings.Join(values, ","), false
	}
	return strings.TrimSpace(values[0]), true
}

func mediaType(h textproto.MIMEHeader) (string, bool) {
	value, ok := single(h, "Content-Type")
	if !ok {
		return "", false
	}
	kind, _, err := mime.ParseMediaType(value)
	return kind, err == nil && strings.Contains(kind, "/")
}

func identity(encoding string) bool {
	switch strings.ToLower(encoding) {
	case "binary", "8bit", "7bit":
		return true
	}
	return false
}

// hashes says whether sum is the SHA-2 of content, of the size that its length
// says.
func hashes(content []byte, sum string) bool {
	want, err := hex.DecodeString(sum)
	if err != nil {
		return false
	}
	switch len(want) {
	case sha256.Size224:
		return sha256.Sum224(content) == [sha256.Size224]byte(want)
	case sha256.Size:
		return sha256.Sum256(content) == [sha256.Size]byte(want)
	case sha512.Size384:
		return sha512.Sum384(content) == [sha512.Size384]byte(want)
	case sha512.Size:
		return sha512.Sum512(content) == [sha512.Size]byte(want)
	}
	return false
}

// validBoundary follows RFC 2046, 5.1.1.
func validBoundary(s string) bool {
	if len(s) < 1 || len(s) > 70 || s[len(s)-1] == ' ' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		alphanumeric := '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
		if !alphanumeric && !strings.ContainsRune("'()+_,-./:=? ", rune(c)) {
			return false
		}
	}
	return true
}
