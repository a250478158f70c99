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
	if irregular[strings.ToLower(s)] {
		return true
	}
	t := tag{rest: s}
	t.next()
	if t.is(1) && t.sub|0x20 == 'x' {
		return t.privateUse()
	}
	return t.language() && t.extensions() && t.done
}

// tag walks the subtags of a language tag.
type tag struct {
	rest string
	cur  string
	sub  byte // first byte of cur
	done bool
}

func (t *tag) next() {
	if t.rest == "" {
		t.cur, t.sub, t.done = "", 0, true
		return
	}
	var more bool
	t.cur, t.rest, more = strings.Cut(t.rest, "-")
	if more && t.rest == "" {
		t.cur = "" // a trailing hyphen is an empty subtag
		t.rest = "-"
	}
	t.sub = 0
	if t.cur != "" {
		t.sub = t.cur[0]
	}
}

func (t *tag) is(n int) bool { return !t.done && len(t.cur) == n }
func (t *tag) alpha() bool   { return every(t.cur, isAlpha) }
func (t *tag) alnum() bool {
	return every(t.cur, func(c byte) bool { return isAlpha(c) || isDigit(c) })
}
func (t *tag) within(a, b int) bool {
	return !t.done && len(t.cur) >= a && len(t.cur) <= b && t.alnum()
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
	if t.is(2) && t.alpha() || t.is(3) && every(t.cur, isDigit) {
		t.next()
	}
	for t.within(5, 8) || t.within(4, 4) && isDigit(t.sub) {
		t.next()
	}
	return true
}

// extensions reads singletons with their subtags, and private use at the end.
func (t *tag) extensions() bool {
	for t.within(1, 1) {
		if t.sub|0x20 == 'x' {
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

func every(s string, ok func(byte) bool) bool {
	for i := 0; i < len(s); i++ {
		if !ok(s[i]) {
			return false
		}
	}
	return s != ""
}
