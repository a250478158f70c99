package xapi

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// quoted reads a string and returns its value.
func (d *decoder) quoted() string {
	start := d.pos
	end, escapes := d.pastString(start)
	d.pos = end
	if d.stopped {
		return ""
	}
	return d.unquoted(start, end, escapes)
}

// unquoted is the value of the string that pastString has just read.
func (d *decoder) unquoted(start, end int, escapes bool) string {
	if !escapes {
		return d.text[start+1 : end-1]
	}
	b := &d.values
	if b.Cap()-b.Len() < len(d.scratch) {
		*b = strings.Builder{}
		b.Grow(max(valuesPiece, len(d.scratch)))
	}
	from := b.Len()
	b.Write(d.scratch)
	return b.String()[from:]
}

// valuesPiece is what is allocated at once for the values of strings with
// escapes: one for each would cost a hostile body dear.
const valuesPiece = 512

// pastString reads the string at i and returns where it ends. If it has
// escapes, its value is in scratch.
func (d *decoder) pastString(i int) (end int, escapes bool) {
	end, beyond := plain(d.text, i+1)
	if !beyond && byteAt(d.text, end) == '"' { // nearly all
		return end + 1, false
	}
	return d.pastRough(i, end, beyond)
}

// pastRough is pastString for strings with escapes or beyond ASCII, and faulty
// ones; plain has read the string up to end.
func (d *decoder) pastRough(start, end int, beyond bool) (_ int, escapes bool) {
	d.scratch = d.scratch[:0]
	for from, more := start+1, false; ; beyond = beyond || more {
		switch byteAt(d.text, end) {
		case '\\':
			escapes = true
			d.scratch = append(d.scratch, d.text[from:end]...)
			from = d.pastEscapes(end)
			end, more = plain(d.text, from)
		case '"':
			if escapes {
				d.scratch = append(d.scratch, d.text[from:end]...)
			}
			if beyond && !utf8.ValidString(d.text[start:end]) {
				return d.brokenAt(end, BadUnicode), false
			}
			return end + 1, escapes
		default: // a control character, or the end
			return d.brokenAt(end, BadJSON), false
		}
	}
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
