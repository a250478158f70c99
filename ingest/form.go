package ingest

import (
	"bytes"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"unicode"
)

// The bounds of a form of the alternate request syntax, beside that of every
// body.
const (
	formFields     = 32       // the specification knows 21
	formParameters = 16 << 10 // bytes of all fields but content: what a header may hold
	formUnknown    = 1 << 20  // bytes of a form from somebody unknown: the largest statement fits, each byte as three
)

// asHeaders are the form fields that stand for header fields (xAPI 1.0.3,
// Communication 1.3).
var asHeaders = []string{"Authorization", "X-Experience-Api-Version", "Content-Type", "Content-Length", "If-Match", "If-None-Match"}

// form is what a form holds.
type form struct {
	content    []byte // nil: no such field
	header     http.Header
	parameters url.Values
}

// parseForm decodes a form in place: a decoded field is never longer than an
// encoded one.
func parseForm(text []byte) (form, *problem) {
	f := form{header: http.Header{}, parameters: url.Values{}}
	fields, size := 0, 0
	for pair := range bytes.SplitSeq(text, []byte("&")) {
		if len(pair) == 0 {
			continue
		}
		rawName, rawValue, _ := bytes.Cut(pair, []byte("="))
		name, ok1 := unescape(rawName)
		value, ok2 := unescape(rawValue)
		if !ok1 || !ok2 {
			return f, alternateProblem("alternate.form")
		}
		content := string(name) == "content"
		if !content {
			size += len(name) + len(value)
		}
		if fields++; fields > formFields || size > formParameters {
			return f, &problem{Status: http.StatusRequestEntityTooLarge, Code: "limit.form"}
		}
		if p := f.add(string(name), value); p != nil {
			return f, p
		}
	}
	return f, nil
}

func (f *form) add(name string, value []byte) *problem {
	key := textproto.CanonicalMIMEHeaderKey(name)
	if f.header[key] != nil || f.parameters.Has(name) || name == "content" && f.content != nil {
		return alternateProblem("alternate.form")
	}
	switch {
	case name == "content":
		f.content = value
		if value == nil {
			f.content = []byte{} // an empty field is a field
		}
	case !slices.Contains(asHeaders, key):
		f.parameters.Set(name, string(value))
	case bytes.ContainsFunc(value, unicode.IsControl):
		return alternateProblem("alternate.form")
	default:
		f.header[key] = []string{string(value)}
	}
	return nil
}

// unescape decodes a form's text in place.
func unescape(text []byte) ([]byte, bool) {
	n := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '+':
			text[n] = ' '
		case '%':
			if i+2 >= len(text) {
				return nil, false
			}
			high, low := unhex(text[i+1]), unhex(text[i+2])
			if high < 0 || low < 0 {
				return nil, false
			}
			text[n] = byte(high<<4 | low)
			i += 2
		default:
			text[n] = text[i]
		}
		n++
	}
	return text[:n:n], true
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
