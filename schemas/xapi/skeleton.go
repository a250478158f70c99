package xapi

import (
	"bytes"
	"encoding/json/jsontext"
	"strconv"
	"strings"
)

const (
	skeletonReach = 512 << 10 // bytes of the body that are looked at
	skeletonSize  = 4 << 10   // bytes of a skeleton, about
	skeletonDepth = 12        // of objects in objects
)

// Skeleton describes the statement of a refused body into which a fault's
// pointer points, as JSON text. It MUST hold nothing that the sender chose:
// only property names of the specification, with the type of each value for
// the value, and how many entries an array or a free map has. Other names are
// counted. It is "" when the statement is out of reach.
func Skeleton(body []byte, pointer string) string {
	body = body[:min(len(body), skeletonReach)]
	s := skeleton{dec: jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	if !s.seek(pointer) {
		return ""
	}
	s.value(unknown, 0)
	return string(s.out)
}

// skeleton walks one statement. The first error ends the walk: what is open is
// then closed and marked.
type skeleton struct {
	dec    *jsontext.Decoder
	out    []byte
	broken bool
}

// seek moves to the statement that the pointer names.
func (s *skeleton) seek(pointer string) bool {
	if s.dec.PeekKind() != '[' {
		return true
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	n, err := strconv.Atoi(first)
	if err != nil {
		return false
	}
	_, err = s.dec.ReadToken()
	for ; n > 0 && err == nil; n-- {
		err = s.dec.SkipValue()
	}
	return err == nil && s.dec.PeekKind() != ']' && s.dec.PeekKind() != 0
}

// value describes the value that comes next, that of property p.
func (s *skeleton) value(p prop, depth int) {
	switch kind := s.dec.PeekKind(); {
	case kind == '[':
		s.text("array of " + strconv.Itoa(s.entries()))
	case kind == '{' && (p.isFree() || depth == skeletonDepth || len(s.out) > skeletonSize):
		s.text("object of " + strconv.Itoa(s.entries()/2))
	case kind == '{':
		s.object(depth)
	default:
		s.text(s.scalar(kind))
	}
}

func (s *skeleton) scalar(kind jsontext.Kind) string {
	if s.skip(); s.broken {
		return "unreadable"
	}
	switch kind {
	case '"':
		return "string"
	case '0':
		return "number"
	case 'n':
		return "null"
	}
	return "boolean"
}

// object describes the members of an object.
func (s *skeleton) object(depth int) {
	_, err := s.dec.ReadToken()
	s.broken = s.broken || err != nil
	s.out = append(s.out, '{')
	var seen propSet
	unnamed, repeated := 0, 0
	for !s.broken && s.dec.PeekKind() != '}' {
		name, err := s.dec.ReadToken()
		if err != nil {
			s.broken = true
			break
		}
		switch p := propOf(name.String()); {
		case p == unknown:
			unnamed++
			s.skip()
		case seen.has(p):
			repeated++
			s.skip()
		default:
			seen.add(p)
			s.name(p.String())
			s.value(p, depth+1)
		}
	}
	s.rest("(unknown names)", unnamed)
	s.rest("(repeated names)", repeated)
	if s.broken {
		s.name("(unreadable from here)")
		s.out = append(s.out, "true"...)
	} else {
		_, err = s.dec.ReadToken()
		s.broken = err != nil
	}
	s.out = append(s.out, '}')
}

// entries counts the values directly in the array or object that comes next.
func (s *skeleton) entries() (n int) {
	depth := s.dec.StackDepth()
	if _, err := s.dec.ReadToken(); err != nil {
		s.broken = true
		return 0
	}
	for kind := s.dec.PeekKind(); kind != ']' && kind != '}'; kind = s.dec.PeekKind() {
		if s.skip(); s.broken {
			return n
		}
		n++
	}
	if _, err := s.dec.ReadToken(); err != nil || s.dec.StackDepth() != depth {
		s.broken = true
	}
	return n
}

func (s *skeleton) skip() {
	if err := s.dec.SkipValue(); err != nil {
		s.broken = true
	}
}

func (s *skeleton) name(name string) {
	if s.out[len(s.out)-1] != '{' {
		s.out = append(s.out, ',')
	}
	s.text(name)
	s.out = append(s.out, ':')
}

func (s *skeleton) rest(name string, n int) {
	if n > 0 {
		s.name(name)
		s.out = strconv.AppendInt(s.out, int64(n), 10)
	}
}

func (s *skeleton) text(text string) { s.out = strconv.AppendQuote(s.out, text) }

// isFree says that an object under the property is a map whose names the
// sender chooses.
func (p prop) isFree() bool {
	return p == pExtensions || p == pDisplay || p == pName || p == pDescription
}
