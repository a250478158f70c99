package readback

import (
	"bytes"
	"encoding/json/jsontext"
)

// rewriter writes a statement in one of the formats. Statements are valid when
// they are kept, so an error means a fault of ours; the first one ends the work.
type rewriter struct {
	enc       *jsontext.Encoder
	format    Format
	languages []string // ranges, the preferred first
	err       error
}

func newRewriter(to *bytes.Buffer, format Format, languages []string) *rewriter {
	return &rewriter{enc: jsontext.NewEncoder(to, jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(true)), format: format, languages: languages}
}

// object writes the members of v, each by member, which MUST write the value
// of a name that it wrote.
func (r *rewriter) object(v jsontext.Value, member func(name string, v jsontext.Value)) {
	r.token(jsontext.BeginObject)
	r.members(v, member)
	r.token(jsontext.EndObject)
}

// members reads the members of an object.
func (r *rewriter) members(v jsontext.Value, member func(name string, v jsontext.Value)) {
	d := decoder(v)
	if _, err := d.ReadToken(); err != nil {
		r.fail(err)
	}
	for r.err == nil && d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			r.fail(err)
			return
		}
		n := name.String()
		value, err := d.ReadValue()
		if err != nil {
			r.fail(err)
			return
		}
		member(n, value)
	}
}

// list writes an array of what v holds: an array, or one element.
func (r *rewriter) list(v jsontext.Value, element func(r *rewriter, v jsontext.Value)) {
	r.token(jsontext.BeginArray)
	r.each(v, element)
	r.token(jsontext.EndArray)
}

func (r *rewriter) each(v jsontext.Value, do func(r *rewriter, v jsontext.Value)) {
	if v.Kind() != '[' {
		do(r, v)
		return
	}
	d := decoder(v)
	if _, err := d.ReadToken(); err != nil {
		r.fail(err)
	}
	for r.err == nil && d.PeekKind() != ']' {
		value, err := d.ReadValue()
		if err != nil {
			r.fail(err)
			return
		}
		do(r, value)
	}
}

func decoder(v jsontext.Value) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(v[:len(v):len(v)]), jsontext.AllowDuplicateNames(true))
}

// keep writes a member as it is.
func (r *rewriter) keep(name string, v jsontext.Value) {
	r.name(name)
	r.value(v)
}

func (r *rewriter) name(name string) { r.token(jsontext.String(name)) }

func (r *rewriter) text(name, value string) {
	r.name(name)
	r.token(jsontext.String(value))
}

func (r *rewriter) token(t jsontext.Token) {
	if r.err == nil {
		r.err = r.enc.WriteToken(t)
	}
}

func (r *rewriter) value(v jsontext.Value) {
	if r.err == nil {
		r.err = r.enc.WriteValue(v)
	}
}

func (r *rewriter) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}
