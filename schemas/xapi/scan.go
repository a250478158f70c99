package xapi

import (
	"encoding/json/jsontext"
	"errors"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// Reading the text: strict JSON (RFC 8259, valid UTF-8, no lone surrogates, no
// name twice in an object), each byte once. It accepts what jsontext accepts,
// which a fuzz test holds it to. After a fault of the text the rest counts as
// read, so that every loop ends.

// peek returns the first byte of the token that comes next, 0 at the end.
func (d *decoder) peek() byte {
	for d.pos < len(d.text) {
		switch c := d.text[d.pos]; c {
		case ' ', '\t', '\r', '\n':
			d.pos++
		default:
			return c
		}
	}
	return 0
}

// broken reports what is wrong with the text itself and ends the walk. When the
// text ends early because a statement passed its limit, that is what is wrong.
func (d *decoder) broken(code Code) {
	if code == BadJSON && d.pos == len(d.text) && len(d.text) < len(d.body) {
		d.faultAt(TooLarge, d.pointer(d.base), phrase{})
	} else {
		d.fault(code, phrase{})
	}
	d.stopped = true
	d.pos = len(d.text)
}

// open reads the byte that opens an object or array.
func (d *decoder) open() {
	d.pos++
	d.first = true
}

// goesOn says whether the open object or array has one more member or element,
// and reads the comma before it or the closing byte.
func (d *decoder) goesOn(end byte) bool {
	first := d.first
	d.first = false
	switch c := d.peek(); {
	case c == end:
		d.pos++
		return false
	case first && c != 0:
		return true
	case c == ',':
		d.pos++
		return true
	}
	d.broken(BadJSON)
	return false
}

// key reads the name of a member, and the colon.
func (d *decoder) key() string {
	if d.peek() != '"' {
		d.broken(BadJSON)
		return ""
	}
	name := d.quoted()
	if d.peek() != ':' {
		d.broken(BadJSON)
		return ""
	}
	d.pos++
	return name
}

// value reads a value of any kind and returns its text. It lies within so many
// objects and arrays of its statement.
func (d *decoder) value(depth int) string {
	c, start := d.peek(), d.pos
	switch c {
	case '"':
		d.rawString()
	case '{':
		d.anyObject(depth + 1)
	case '[':
		d.anyArray(depth + 1)
	case 't':
		d.literal("true")
	case 'f':
		d.literal("false")
	case 'n':
		d.literal("null")
	default:
		d.numeral()
	}
	return d.text[start:d.pos]
}

func (d *decoder) anyObject(depth int) {
	if !d.shallow(depth) {
		return
	}
	names := d.namesAt(depth)
	for d.open(); d.goesOn('}'); {
		if !names.add(d.key()) {
			d.broken(DuplicateKey)
		}
		d.value(depth)
	}
}

func (d *decoder) anyArray(depth int) {
	if !d.shallow(depth) {
		return
	}
	for d.open(); d.goesOn(']'); {
		d.value(depth)
	}
}

func (d *decoder) shallow(depth int) bool {
	if depth > d.options.Limits.Depth {
		d.broken(TooDeep)
	}
	return !d.stopped
}

func (d *decoder) literal(word string) {
	if !strings.HasPrefix(d.text[d.pos:], word) {
		d.broken(BadJSON)
		return
	}
	d.pos += len(word)
}

// numeral reads a number and returns its text.
func (d *decoder) numeral() string {
	start := d.pos
	d.accept('-')
	ok := d.accept('0') || d.digits()
	if ok && d.accept('.') {
		ok = d.digits()
	}
	if ok && (d.accept('e') || d.accept('E')) {
		_ = d.accept('-') || d.accept('+')
		ok = d.digits()
	}
	if !ok {
		d.broken(BadJSON)
		return ""
	}
	return d.text[start:d.pos]
}

func (d *decoder) accept(c byte) bool {
	if d.pos < len(d.text) && d.text[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

func (d *decoder) digits() bool {
	start := d.pos
	for d.pos < len(d.text) && isDigit(d.text[d.pos]) {
		d.pos++
	}
	return d.pos > start
}

// quoted reads a string and returns its value.
func (d *decoder) quoted() string {
	start := d.pos
	if d.rawString() {
		return string(d.scratch)
	}
	return d.text[start+1 : max(start+1, d.pos-1)]
}

// rawString reads a string. If it has escapes, its value is in scratch.
func (d *decoder) rawString() (escapes bool) {
	start := d.pos
	beyond, more := false, false
	for i := start + 1; ; {
		i, more = plain(d.text, i)
		beyond = beyond || more
		if i >= len(d.text) {
			d.pos = len(d.text)
			d.broken(BadJSON)
			return false
		}
		switch c := d.text[i]; {
		case c == '"':
			d.pos = i + 1
			return d.checkString(d.text[start:d.pos], beyond, escapes)
		case c == '\\':
			escapes = true
			i += 2
		default: // a control character
			d.broken(BadJSON)
			return false
		}
	}
}

// checkString checks what is not plain in a string, and unquotes escapes.
func (d *decoder) checkString(text string, beyondASCII, escapes bool) bool {
	if escapes {
		b, err := jsontext.AppendUnquote(d.scratch[:0], text)
		d.scratch = b
		if err != nil {
			d.broken(unquoteFault(err))
			return false
		}
	} else if beyondASCII && !utf8.ValidString(text) {
		d.broken(BadUnicode)
	}
	return escapes
}

func unquoteFault(err error) Code {
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if text := e.Err.Error(); strings.Contains(text, "UTF-8") || strings.Contains(text, "surrogate") {
			return BadUnicode
		}
	}
	return BadJSON
}

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// plain returns the first position from i on that is a quote, a backslash or a
// control character, looking at eight bytes at once, and whether there may be
// bytes beyond ASCII before it.
func plain(s string, i int) (end int, beyond bool) {
	var seen uint64
	for ; i+8 <= len(s); i += 8 {
		b := s[i : i+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		seen |= w
		quote, slash := w^('"'*ones), w^('\\'*ones)
		found := (w-' '*ones)&^w | (quote-ones)&^quote | (slash-ones)&^slash
		if found &= highs; found != 0 {
			return i + bits.TrailingZeros64(found)/8, seen&highs != 0
		}
	}
	for ; i < len(s) && s[i] != '"' && s[i] != '\\' && s[i] >= ' '; i++ {
		seen |= uint64(s[i])
	}
	return i, seen&highs != 0
}
