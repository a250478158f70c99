package xapi

import (
	"encoding/json/jsontext"
	"errors"
	"math/bits"
	"strings"
	"unicode/utf8"
)

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
