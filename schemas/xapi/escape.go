package xapi

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// longestEscape is the length of a surrogate pair.
const longestEscape = len(`\ud83d\ude00`)

// pastEscapes reads the escapes from i on, appends what they stand for to
// scratch and returns where they end.
func (d *decoder) pastEscapes(i int) int {
	for byteAt(d.text, i) == '\\' {
		i++
		if c := short[byteAt(d.text, i)]; c != 0 {
			d.scratch = append(d.scratch, c)
			i++
			continue
		}
		r, n, code := numbered(d.text[i:])
		if code != "" {
			return d.badEscape(i, code)
		}
		d.scratch = utf8.AppendRune(d.scratch, r)
		i += n
	}
	return i
}

// badEscape reports an escape, unless it is only that the statement passed its
// limit there.
func (d *decoder) badEscape(i int, code Code) int {
	if i+longestEscape > len(d.text) && len(d.text) < len(d.body) {
		i, code = len(d.text), BadJSON
	}
	return d.brokenAt(i, code)
}

// short are the escapes of one letter, by letter.
var short = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// numbered reads what follows a backslash: u and four digits, twice for a
// character of two surrogates. It returns how long it is.
func numbered(s string) (r rune, n int, code Code) {
	r, ok := fourHex(s)
	if !ok {
		return 0, 0, BadJSON
	}
	if !utf16.IsSurrogate(r) {
		return r, 5, ""
	}
	if !strings.HasPrefix(s[5:], `\`) {
		return 0, 0, BadUnicode
	}
	low, ok := fourHex(s[6:])
	if !ok {
		return 0, 0, BadUnicode
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, 0, BadUnicode
	}
	return r, 11, ""
}

// fourHex reads u and four hexadecimal digits.
func fourHex(s string) (r rune, ok bool) {
	if len(s) < 5 || s[0] != 'u' {
		return 0, false
	}
	a, b, c, d := hexValue[s[1]], hexValue[s[2]], hexValue[s[3]], hexValue[s[4]]
	return rune(a)<<12 | rune(b)<<8 | rune(c)<<4 | rune(d), a|b|c|d < 16
}

// hexValue gives the value of a hexadecimal digit, 16 for other bytes.
var hexValue = func() (table [256]uint8) {
	for c := range table {
		switch c := uint8(c); {
		case isDigit(c):
			table[c] = c - '0'
		case isHex(c):
			table[c] = (c | 0x20) - 'a' + 10
		default:
			table[c] = 16
		}
	}
	return table
}()
