package xapi

import (
	"encoding/json/jsontext"
	"errors"
	"strings"
)

// syntax reports what is wrong with the text itself and ends the walk.
func (d *decoder) syntax(err error) {
	code, pointer := BadJSON, d.dec.StackPointer()
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		pointer = e.JSONPointer
		switch {
		case errors.Is(e.Err, jsontext.ErrDuplicateName):
			code, pointer = DuplicateKey, pointer.Parent()
		case strings.Contains(e.Err.Error(), "UTF-8"), strings.Contains(e.Err.Error(), "surrogate"):
			code = BadUnicode
		}
	}
	d.faultAt(code, redact(string(pointer), d.multiple), "")
	d.stopped = true
}

// token reads a token and forgets it.
func (d *decoder) token() {
	if d.stopped {
		return
	}
	if _, err := d.dec.ReadToken(); err != nil {
		d.syntax(err)
	}
}

// raw reads the value that comes next and returns its text.
func (d *decoder) raw() string {
	if d.stopped {
		return ""
	}
	v, err := d.dec.ReadValue()
	if err != nil {
		d.syntax(err)
		return ""
	}
	end := int(d.dec.InputOffset())
	text := d.text[end-len(v) : end]
	if (text[0] == '{' || text[0] == '[') && d.depth()+nesting(text) > d.options.Limits.Depth {
		d.deep()
	}
	return text
}

// depth is the nesting within the statement.
func (d *decoder) depth() int { return d.dec.StackDepth() - d.base }

func (d *decoder) deep() {
	d.fault(TooDeep, "")
	d.stopped = true
}

// nesting is the greatest depth of objects and arrays in valid JSON text.
func nesting(text string) int {
	depth, deepest, inString := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// more says whether the open object or array goes on; at its end it reads the
// closing token.
func (d *decoder) more(end jsontext.Kind) bool {
	if d.stopped {
		return false
	}
	if d.dec.PeekKind() == end {
		d.token()
		return false
	}
	return true
}

// object enters an object; any other value is a fault and skipped.
func (d *decoder) object() bool { return d.enter('{', "expected an object") }

// array enters an array.
func (d *decoder) array() bool { return d.enter('[', "expected an array") }

func (d *decoder) enter(kind jsontext.Kind, want string) bool {
	if !d.is(kind, want) {
		return false
	}
	d.token()
	if d.depth() > d.options.Limits.Depth {
		d.deep()
	}
	return !d.stopped
}

// is says whether the next value is of the kind; another one is reported and
// skipped.
func (d *decoder) is(kind jsontext.Kind, want string) bool {
	if d.stopped {
		return false
	}
	switch k := d.dec.PeekKind(); {
	case k == kind:
		return true
	case k == 'n':
		d.raw()
		d.fault(NullValue, "")
	default:
		d.raw()
		d.fault(WrongType, want)
	}
	return false
}

// next reads the name of the next member into d.prop and d.name. Members with
// null values are reported and skipped.
func (d *decoder) next() bool {
	for d.more('}') {
		d.name = d.unquote(d.raw())
		d.prop = byName[d.name]
		if d.stopped {
			return false
		}
		if d.dec.PeekKind() != 'n' {
			return true
		}
		d.raw()
		d.fault(NullValue, "")
	}
	return false
}

// unexpected reports the member that next has read, and skips its value.
func (d *decoder) unexpected() {
	code, detail := UnknownProperty, ""
	if d.prop != unknown {
		detail = d.prop.String()
	} else if p := caseVariant(d.name); p != unknown {
		code, detail = KeyCase, p.String()
	}
	d.fault(code, detail)
	d.raw()
}

// unquote turns the text of a JSON string into its value.
func (d *decoder) unquote(text string) string {
	if len(text) < 2 {
		return ""
	}
	if strings.IndexByte(text, '\\') < 0 {
		return text[1 : len(text)-1]
	}
	b, err := jsontext.AppendUnquote(nil, text)
	if err != nil {
		d.syntax(err)
	}
	return string(b)
}
