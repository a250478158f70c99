package ingest

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"brume/ingest/publishers"
	"brume/ingest/unpack"
)

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
	if p := s.readForm(w, r, body); p != nil {
		return nil, p
	}
	fields, p := parseForm(body.Bytes())
	if p != nil {
		return nil, p
	}
	return fields.request(r, query.Get("method"))
}

// readForm reads a form up to the limit of bodies when the request says outside
// of it who sends, by a header or a certificate: whoever puts a key into the form
// is unknown until the form is read.
func (s *Server) readForm(w http.ResponseWriter, r *http.Request, body *bytes.Buffer) *problem {
	most, size, p := s.cfg.Body, max(0, r.ContentLength), tooLarge()
	if _, err := s.deps.Publishers.Authenticate(r); err != nil {
		most, size = min(most, formUnknown), 0
		p = &problem{Status: http.StatusRequestEntityTooLarge, Code: "limit.form_body"}
		if !errors.Is(err, publishers.ErrDenied) {
			p = unauthenticated(w, err) // that may pass, and the form be taken
		}
	}
	if r.ContentLength > most {
		return p
	}
	err := unpack.Fill(body, http.MaxBytesReader(w, r.Body, most), size, most)
	if q := bodyProblem(err); q == nil || q.Code != "limit.body" {
		return q
	}
	return p
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
