package xapi

import (
	"strconv"
	"time"
)

// str reads a string.
func (d *decoder) str() (string, bool) {
	if !d.is('"', "expected a string") {
		return "", false
	}
	s := d.unquote(d.raw())
	return s, !d.stopped
}

// checked reads a string that must have a format.
func (d *decoder) checked(valid func(string) bool, code Code) string {
	s, ok := d.str()
	if ok && !valid(s) {
		d.fault(code, "")
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
	d.fault(BadEnum, "")
	return ""
}

func (d *decoder) number() (float64, bool) {
	if !d.is('0', "expected a number") {
		return 0, false
	}
	n, err := strconv.ParseFloat(d.raw(), 64)
	if err != nil {
		if !d.stopped {
			d.fault(WrongType, "number out of range")
		}
		return 0, false
	}
	return n, true
}

// boolean reads true or false.
func (d *decoder) boolean() Bool {
	if !d.stopped && d.dec.PeekKind() == 't' {
		d.raw()
		return True
	}
	if d.is('f', "expected a boolean") {
		d.raw()
		return False
	}
	return Absent
}

func (d *decoder) timestamp() time.Time {
	s, ok := d.str()
	if !ok {
		return time.Time{}
	}
	t, ok := parseTimestamp(s)
	if !ok {
		d.fault(BadTimestamp, "")
	}
	return t
}

// languageMap checks a language map; its texts are not kept.
func (d *decoder) languageMap() {
	if !d.object() {
		return
	}
	for d.next() {
		if !validLanguage(d.name) {
			d.fault(BadLanguage, "")
		}
		d.str()
	}
}

// extensions reads a map of IRIs to values. Only the keys have rules.
func (d *decoder) extensions() Extensions {
	if !d.object() {
		return nil
	}
	var list Extensions
	for d.more('}') {
		name := d.unquote(d.raw())
		if d.stopped {
			return nil
		}
		if !validIRI(name) {
			d.fault(BadIRI, "key of an extension")
		}
		list = append(list, Extension{Key: name, Value: d.raw()})
	}
	return list
}
