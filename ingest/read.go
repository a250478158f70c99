package ingest

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"brume/ingest/readback"
)

// read answers GET and HEAD of the Statement resource from the window.
func (s *Server) read(w http.ResponseWriter, r *request) *problem {
	if !r.window.On() {
		return &problem{Status: http.StatusNotFound, Code: "read.off"}
	}
	query, p := asked(r.URL.RawQuery)
	if p != nil {
		return p
	}
	answer, err := r.window.Read(r.owner(), query, readback.ParseLanguages(r.Header.Get("Accept-Language")))
	switch {
	case errors.Is(err, readback.ErrUnknown):
		return &problem{Status: http.StatusNotFound, Code: "read.unknown"}
	case errors.Is(err, readback.ErrMore):
		return &problem{Status: http.StatusBadRequest, Code: readback.BadMore}
	case err != nil:
		s.deps.Log.Error("answering from the read-back window", "publisher", r.publisher.Name)
		return &problem{Status: http.StatusInternalServerError, Code: "internal"}
	}
	give(w, r.Method, &answer)
	return nil
}

// owner is who sends and reads: a key that is bound to schools, tools or
// activities reads back what it or those that it replaces sent, nothing else of
// its publisher.
func (r *request) owner() readback.Owner {
	p := &r.publisher
	return readback.Owner{Number: p.Number, Name: p.Name, Line: p.Line, Narrow: p.Limits.Narrow()}
}

// asked reads the parameters.
func asked(raw string) (readback.Query, *problem) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return readback.Query{}, &problem{Status: http.StatusBadRequest, Code: readback.BadParameter}
	}
	query, fault := readback.ParseQuery(values)
	switch {
	case fault == nil:
		return query, nil
	case fault.Code == readback.TooLong:
		return query, &problem{Status: http.StatusRequestURITooLong, Code: fault.Code}
	}
	return query, &problem{Status: http.StatusBadRequest, Code: fault.Code, Parameter: fault.Parameter}
}

func give(w http.ResponseWriter, method string, answer *readback.Answer) {
	h := w.Header()
	h.Set("Content-Type", answer.ContentType)
	h.Set("Content-Length", strconv.Itoa(len(answer.Body)))
	h.Set("Cache-Control", "private, no-store") // nothing on the way may keep it
	if !answer.Stored.IsZero() {
		h.Set("Last-Modified", answer.Stored.Format(http.TimeFormat))
	}
	w.WriteHeader(http.StatusOK)
	if method == http.MethodGet {
		_, _ = w.Write(answer.Body) // the client may be gone
	}
}
