package xapi

// This file reads the text: strict JSON (RFC 8259, valid UTF-8, no lone surrogates, no
// name twice in an object), each byte once. It accepts what jsontext accepts,
// which a fuzz test holds it to. After a fault of the text the rest counts as
// read, so that every loop ends.

// peek returns the first byte of the token that comes next, 0 at the end.
func (d *decoder) peek() byte {
	d.pos = pastSpace(d.text, d.pos)
	return byteAt(d.text, d.pos)
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
	case c == ',' && !first:
		d.pos++
		return true
	case c == end:
		d.pos++
		return false
	case first && c != 0:
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
	d.peek()
	start := d.pos
	d.pos = d.pastValue(start, depth)
	return d.text[start:d.pos]
}

func (d *decoder) shallow(depth int) bool {
	if depth > d.options.Limits.Depth {
		d.broken(TooDeep)
	}
	return !d.stopped
}

func (d *decoder) literal(word string) { d.pos = d.pastWord(d.pos, word) }

// numeral reads a number and returns its text.
func (d *decoder) numeral() string {
	start := d.pos
	d.pos = d.pastNumber(start)
	return d.text[start:d.pos]
}
