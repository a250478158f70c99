package xapi

import (
	"strconv"
	"time"
)

// str reads a string.
func (d *decoder) str() (string, bool) {
	if !d.is('"', wantString) {
		return "", false
	}
	s := d.quoted()
	return s, !d.stopped
}

// unkept checks a string that is not kept.
func (d *decoder) unkept() {
	if d.is('"', wantString) {
		d.pos, _ = d.pastString(d.pos)
	}
}

// checked reads a string that must have a format.
func (d *decoder) checked(valid func(string) bool, code Code) string {
	s, ok := d.str()
	if ok && !valid(s) {
		d.fault(code, phrase{})
		return ""
	}
	return s
}

func (d *decoder) iri() string  { return d.checked(validIRI, BadIRI) }
func (d *decoder) uuid() string { return lowerASCII(d.checked(ValidUUID, BadUUID)) }

// oneOf reads an enumerated string.
func (d *decoder) oneOf(values ...string) string {
	s, ok := d.str()
	if !ok {
		return ""
	}
	for _, v := range values {
		if s == v {
			return v
		}
	}
	d.fault(BadEnum, phrase{})
	return ""
}

func (d *decoder) number() (float64, bool) {
	if c := d.peek(); c != '-' && !isDigit(c) {
		return 0, d.is('0', wantNumber)
	}
	text := d.numeral()
	if d.stopped {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		d.fault(WrongType, outOfRange)
		return 0, false
	}
	return n, true
}

// boolean reads true or false.
func (d *decoder) boolean() Bool {
	if d.peek() == 't' {
		d.literal("true")
		return True
	}
	if d.is('f', wantBoolean) {
		d.literal("false")
		return False
	}
	return Absent
}

// longestTime bounds what is rewritten: no clock has so many digits.
const longestTime = 64

func (d *decoder) timestamp() time.Time {
	s, ok := d.str()
	if !ok {
		return time.Time{}
	}
	t, ok := ParseTimestamp(s, d.options.V2)
	if !ok {
		d.fault(BadTimestamp, phrase{})
	}
	return t
}

// entry reads the name of the next entry of a free map into d.name.
func (d *decoder) entry(names *nameSet) bool {
	if !d.more() {
		return false
	}
	d.name = d.key()
	if !names.add(d.name) {
		d.broken(DuplicateKey)
	}
	return !d.stopped
}

// languageMap checks a language map; its texts are not kept.
func (d *decoder) languageMap() {
	if !d.object() {
		return
	}
	for names := d.namesAt(d.depth()); d.entry(names); {
		if !validLanguage(d.name) {
			d.fault(BadLanguage, phrase{})
		}
		d.unkept()
	}
}

// extensions reads a map of IRIs to values. Only the keys have rules.
func (d *decoder) extensions() Extensions {
	if !d.object() {
		return nil
	}
	d.extended.begin()
	for names := d.namesAt(d.depth()); d.entry(names); {
		if !validIRI(d.name) {
			d.fault(BadIRI, extensionKey)
		}
		name := d.name
		d.extended.add(Extension{Key: name, Value: d.skip()})
	}
	return d.extended.list()
}
