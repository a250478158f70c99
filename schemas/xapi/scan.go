package xapi

import "strings"

// This file reads the text: strict JSON (RFC 8259, valid UTF-8, no lone surrogates, no
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
