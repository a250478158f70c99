package ingest

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"unicode"

	"brume/ingest/unpack"
)

// The bounds of a form of the alternate request syntax, beside that of every
// body.
const (
	formFields     = 32       // the specification knows 21
	formParameters = 16 << 10 // bytes of all fields but content: what a header may hold
)

// asHeaders are the form fields that stand for header fields (xAPI 1.0.3,
// Communication 1.3).
var asHeaders = []string{"Authorization", "X-Experience-Api-Version", "Content-Type", "Content-Length", "If-Match", "If-None-Match"}

var alternateMethods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete}

// alternate serves requests in the alternate syntax of xAPI 1.0.x, too: a POST
// whose parameter is the method, and whose form is the rest. What handle gets
// is the request that was meant, under all the same rules.
func (s *Server) alternate(handle handler) handler {
	return func(w http.ResponseWriter, r *http.Request) *problem {
		if r.Method != http.MethodPost || r.URL.RawQuery == "" || !r.URL.Query().Has("method") {
			return handle(w, r)
		}
		body := bodies.Get().(*bytes.Buffer)
		defer recycle(body)
		meant, p := s.meant(w, r, body)
		if p != nil {
			return p
		}
		version, v2 := negotiate(meant.Header.Get(versionHeader))
		if v2 {
			return alternateProblem("alternate.version")
		}
		if version != "" {
			w.Header().Set(versionHeader, version)
		}
		if meant.Method != http.MethodHead {
			return handle(w, meant)
		}
		w = bodiless{w}
		if p := handle(w, meant); p != nil {
			p.write(w)
		}
		return nil
	}
}

// meant reads the form into body and returns the request that it stands for,
// whose own body is a part of it.
func (s *Server) meant(w http.ResponseWriter, r *http.Request, body *bytes.Buffer) (*http.Request, *problem) {
	query := r.URL.Query()
	if len(query) != 1 || len(query["method"]) != 1 || !slices.Contains(alternateMethods, query.Get("method")) {
		return nil, alternateProblem("alternate.method")
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || r.Header.Get("Content-Encoding") != "" {
		return nil, alternateProblem("alternate.form")
	}
	if r.ContentLength > s.cfg.Body {
		return nil, tooLarge()
	}
	if err := unpack.Fill(body, http.MaxBytesReader(w, r.Body, s.cfg.Body), max(0, r.ContentLength), s.cfg.Body); err != nil {
		return nil, bodyProblem(err)
	}
	fields, p := readForm(body.Bytes())
	if p != nil {
		return nil, p
	}
	return fields.request(r, query.Get("method"))
}

// form is what a form holds.
type form struct {
	content    []byte // nil: no such field
	header     http.Header
	parameters url.Values
}

// readForm decodes a form in place: a decoded field is never longer than an
// encoded one.
func readForm(text []byte) (form, *problem) {
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

// request is the request that the form stands for. Its Content-Length is that
// of the content, whatever the form says: clients count characters there.
func (f *form) request(r *http.Request, method string) (*http.Request, *problem) {
	sends := method == http.MethodPost || method == http.MethodPut
	if sends != (f.content != nil) {
		return nil, alternateProblem("alternate.content")
	}
	if f.rivals(r.Header["Authorization"]) {
		return nil, several()
	}
	meant := *r
	meant.Method = method
	meant.URL = &url.URL{Path: r.URL.Path, RawQuery: f.parameters.Encode()}
	meant.Header = r.Header.Clone()
	meant.Header.Set("Content-Type", "application/json")
	for name, values := range f.header {
		meant.Header[name] = values
	}
	meant.Header.Del("Content-Length")
	meant.ContentLength = int64(len(f.content))
	meant.Body = io.NopCloser(bytes.NewReader(f.content))
	return &meant, nil
}

// rivals says whether the request's own header holds another credential than
// the form. Browsers' clients that put theirs into the form send null.
func (f *form) rivals(header []string) bool {
	inForm := f.header["Authorization"]
	return inForm != nil && slices.ContainsFunc(header, func(own string) bool {
		return own != "" && own != "null" && own != inForm[0]
	})
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

// bodiless drops the body of an answer to HEAD, and its length: the server
// knows of a POST only, and would promise what never comes.
type bodiless struct{ http.ResponseWriter }

func (w bodiless) WriteHeader(status int) {
	w.Header().Del("Content-Length")
	w.ResponseWriter.WriteHeader(status)
}

func (w bodiless) Write(p []byte) (int, error) {
	w.Header().Del("Content-Length")
	return len(p), nil
}

// Unwrap lets http.ResponseController reach the connection.
func (w bodiless) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func alternateProblem(code string) *problem {
	return &problem{Status: http.StatusBadRequest, Code: code}
}
