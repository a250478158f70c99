package xapi

import "strings"

// irregular are the grandfathered tags of RFC 5646 that its grammar does not
// produce, in lower case.
var irregular = map[string]bool{
	"en-gb-oed": true, "i-ami": true, "i-bnn": true, "i-default": true, "i-enochian": true, "i-hak": true,
	"i-klingon": true, "i-lux": true, "i-mingo": true, "i-navajo": true, "i-pwn": true, "i-tao": true,
	"i-tay": true, "i-tsu": true, "sgn-be-fr": true, "sgn-be-nl": true, "sgn-ch-de": true,
}

// validLanguage says whether s is a well-formed language tag (RFC 5646 2.1).
func validLanguage(s string) bool {
	if n := len(s); n == 2 || n == 5 && s[2] == '-' && isAlpha(s[3]) && isAlpha(s[4]) {
		return isAlpha(s[0]) && isAlpha(s[1]) // fr, fr-FR: nearly all
	}
	t := tag{rest: s}
	t.next()
	return t.whole() || len(s) <= longestIrregular && irregular[strings.ToLower(s)]
}

const longestIrregular = len("i-enochian")

// tag walks the subtags of a language tag.
type tag struct {
	rest  string
	cur   string
	kinds uint8 // of characters in cur
	done  bool
}

// The kinds of characters.
const (
	letter uint8 = 1 << iota
	digit
	neither
)

var kindOf = func() (table [256]uint8) {
	for c := range table {
		switch c := byte(c); {
		case isAlpha(c):
			table[c] = letter
		case isDigit(c):
			table[c] = digit
		default:
			table[c] = neither
		}
	}
	return table
}()

func (t *tag) next() {
	t.cur, t.kinds, t.done = "", 0, t.rest == ""
	end := 0
	for end < len(t.rest) && t.rest[end] != '-' {
		t.kinds |= kindOf[t.rest[end]]
		end++
	}
	t.cur = t.rest[:end]
	switch {
	case end == len(t.rest):
		t.rest = ""
	case end+1 == len(t.rest): // a trailing hyphen is an empty subtag
		t.cur, t.kinds = "", 0
	default:
		t.rest = t.rest[end+1:]
	}
}

func (t *tag) is(n int) bool { return !t.done && len(t.cur) == n }
func (t *tag) alpha() bool   { return t.kinds == letter }
func (t *tag) first() byte   { return t.cur[0] }

// within says whether there are a to b letters or digits; a is at least 1.
func (t *tag) within(a, b int) bool {
	return len(t.cur) >= a && len(t.cur) <= b && t.kinds&neither == 0
}

// whole reads all of a tag.
func (t *tag) whole() bool {
	if t.is(1) && t.first()|0x20 == 'x' {
		return t.privateUse()
	}
	return t.language() && t.extensions() && t.done
}

// language reads language, extlang, script, region and variants.
func (t *tag) language() bool {
	if !t.within(2, 8) || !t.alpha() {
		return false
	}
	short := len(t.cur) <= 3
	t.next()
	for i := 0; short && i < 3 && t.is(3) && t.alpha(); i++ {
		t.next()
	}
	if t.is(4) && t.alpha() {
		t.next()
	}
	if t.is(2) && t.alpha() || t.is(3) && t.kinds == digit {
		t.next()
	}
	for t.within(5, 8) || t.within(4, 4) && isDigit(t.first()) {
		t.next()
	}
	return true
}

// extensions reads singletons with their subtags, and private use at the end.
func (t *tag) extensions() bool {
	for t.within(1, 1) {
		if t.first()|0x20 == 'x' {
			return t.privateUse()
		}
		t.next()
		if !t.within(2, 8) {
			return false
		}
		for t.within(2, 8) {
			t.next()
		}
	}
	return true
}

func (t *tag) privateUse() bool {
	t.next()
	if !t.within(1, 8) {
		return false
	}
	for t.within(1, 8) {
		t.next()
	}
	return t.done
}
