package xapi

import "strings"

// This file reads values that nobody asks for. Each function reads what is at i
// and returns where it ends: a position in a register costs half of one in
// memory. After a fault that is the end of the text.

// pastValue reads a value of any kind, which lies within so many objects and
// arrays of its statement.
func (d *decoder) pastValue(i, depth int) int {
	switch byteAt(d.text, i) {
	case '"':
		i, _ = d.pastString(i)
		return i
	case '{':
		return d.pastObject(i, depth+1)
	case '[':
		return d.pastArray(i, depth+1)
	case 't':
		return d.pastWord(i, "true")
	case 'f':
		return d.pastWord(i, "false")
	case 'n':
		return d.pastWord(i, "null")
	}
	return d.pastNumber(i)
}

func (d *decoder) pastArray(i, depth int) int {
	if !d.shallow(depth) {
		return len(d.text)
	}
	if i = pastSpace(d.text, i+1); byteAt(d.text, i) == ']' {
		return i + 1
	}
	for {
		i = pastSpace(d.text, d.pastValue(i, depth))
		switch byteAt(d.text, i) {
		case ',':
			i = pastSpace(d.text, i+1)
		case ']':
			return i + 1
		default:
			return d.brokenAt(i, BadJSON)
		}
	}
}

func (d *decoder) pastObject(i, depth int) int {
	if !d.shallow(depth) {
		return len(d.text)
	}
	if i = pastSpace(d.text, i+1); byteAt(d.text, i) == '}' {
		return i + 1
	}
	for names := d.namesAt(depth); ; {
		i = pastSpace(d.text, d.pastMember(i, depth, names))
		switch byteAt(d.text, i) {
		case ',':
			i = pastSpace(d.text, i+1)
		case '}':
			return i + 1
		default:
			return d.brokenAt(i, BadJSON)
		}
	}
}

func (d *decoder) pastMember(i, depth int, names *nameSet) int {
	if byteAt(d.text, i) != '"' {
		return d.brokenAt(i, BadJSON)
	}
	end, escapes := d.pastString(i)
	if d.stopped {
		return end
	}
	if !names.add(d.unquoted(i, end, escapes)) {
		return d.brokenAt(end, DuplicateKey)
	}
	if i = pastSpace(d.text, end); byteAt(d.text, i) != ':' {
		return d.brokenAt(i, BadJSON)
	}
	return d.pastValue(pastSpace(d.text, i+1), depth)
}

func (d *decoder) pastWord(i int, word string) int {
	switch rest := d.text[i:]; {
	case strings.HasPrefix(rest, word):
		return i + len(word)
	case strings.HasPrefix(word, rest): // the end cut it
		i = len(d.text)
	}
	return d.brokenAt(i, BadJSON)
}

func (d *decoder) pastNumber(i int) int {
	s := d.text
	if byteAt(s, i) == '-' {
		i++
	}
	whole := i
	i = pastDigits(s, i)
	ok := i > whole && (s[whole] != '0' || i == whole+1)
	if ok && byteAt(s, i) == '.' {
		point := i
		i = pastDigits(s, point+1)
		ok = i > point+1
	}
	if ok && byteAt(s, i)|0x20 == 'e' {
		if i++; byteAt(s, i) == '-' || byteAt(s, i) == '+' {
			i++
		}
		exponent := i
		i = pastDigits(s, i)
		ok = i > exponent
	}
	if !ok {
		return d.brokenAt(i, BadJSON)
	}
	return i
}

// brokenAt is broken for a fault at i. It returns the end of the text.
func (d *decoder) brokenAt(i int, code Code) int {
	if !d.stopped {
		d.pos = i
		d.broken(code)
	}
	return len(d.text)
}

// byteAt returns the byte at i, 0 at the end.
func byteAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// pastSpace returns the first position from i on that is no white space.
func pastSpace(s string, i int) int {
	for i < len(s) && s[i] <= ' ' && (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t') {
		i++
	}
	return i
}

// pastDigits returns the first position from i on that is no digit.
func pastDigits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}
