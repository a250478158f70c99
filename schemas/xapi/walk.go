package xapi

import "strconv"

// frame is an open object or array of a known shape: where the walk stands in
// it, for pointers. Names that the sender chose never enter.
type frame struct {
	member  prop // of an object; unknown before the first and at other names
	element int  // of an array, -1 before the first and in objects
}

// frames bounds the nesting of known shapes; what lies deeper is skipped.
const frames = 16

// pointer says where the walk stands, at so many levels: RFC 6901, cut before
// the first name that the specification does not know.
func (d *decoder) pointer(level int) string {
	var b []byte
	for _, f := range d.path[:level] {
		switch {
		case f.element >= 0:
			b = strconv.AppendInt(append(b, '/'), int64(f.element), 10)
		case f.member != unknown:
			b = append(append(b, '/'), f.member.String()...)
		default:
			return string(b)
		}
	}
	return string(b)
}

// enter opens the object or array that comes next.
func (d *decoder) enter() bool {
	if !d.shallow(d.depth() + 1) {
		return false
	}
	d.path[d.level] = frame{element: -1}
	d.level++
	d.open()
	return true
}

// depth is the nesting within the statement.
func (d *decoder) depth() int { return d.level - d.base }

// object enters an object; any other value is a fault and skipped.
func (d *decoder) object() bool {
	return d.is('{', wantObject) && d.enter()
}

// array enters an array.
func (d *decoder) array() bool {
	return d.is('[', wantArray) && d.enter()
}

// more says whether the open object goes on; at its end it is left.
func (d *decoder) more() bool {
	if d.goesOn('}') {
		return true
	}
	d.level--
	return false
}

// element is more for the open array.
func (d *decoder) element() bool {
	if d.goesOn(']') {
		d.path[d.level-1].element++
		return true
	}
	d.level--
	return false
}

// skip reads the value that comes next and returns its text.
func (d *decoder) skip() string { return d.value(d.depth()) }

// is says whether the value that comes next begins so; another one is reported
// and skipped.
func (d *decoder) is(first byte, want phrase) bool {
	switch d.peek() {
	case first:
		return true
	case 'n':
		d.skip()
		d.fault(NullValue, phrase{})
	default:
		d.skip()
		d.fault(WrongType, want)
	}
	return false
}

// next reads the name of the next member of an object into d.prop and d.name,
// and adds it to those seen. Members with null values are reported and skipped.
func (d *decoder) next(seen *propSet) bool {
	for d.more() {
		at := &d.path[d.level-1]
		at.member = unknown
		d.name = d.key()
		d.prop = propOf(d.name)
		if d.prop != unknown && seen.has(d.prop) {
			d.broken(DuplicateKey)
			continue
		}
		at.member = d.prop
		seen.add(d.prop)
		if d.peek() != 'n' {
			return true
		}
		d.skip()
		d.fault(NullValue, phrase{})
	}
	return false
}

// unexpected reports the member that next has read, and skips its value.
func (d *decoder) unexpected() {
	code, detail := UnknownProperty, phrase{}
	if d.prop != unknown {
		detail = named(d.prop)
	} else if p := caseVariant(d.name); p != unknown {
		code, detail = KeyCase, named(p)
	}
	d.fault(code, detail)
	d.skip()
}
