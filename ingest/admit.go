package ingest

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"brume/ingest/publishers"
	"brume/schemas/xapi"
)

// request is what is known about a request before its body is read.
type request struct {
	*http.Request
	publisher publishers.Publisher
	v2        bool
	put       string // statementId of a PUT
}

// admit checks everything but the body.
func (s *Server) admit(w http.ResponseWriter, r *request) *problem {
	publisher, err := s.deps.Publishers.Authenticate(r.Request)
	switch {
	case errors.Is(err, publishers.ErrNotReady):
		return unavailable("unavailable.starting", 2*time.Second)
	case err != nil:
		w.Header().Set("WWW-Authenticate", `Basic realm="brume", charset="UTF-8"`)
		return &problem{Status: http.StatusUnauthorized, Code: "request.credentials", Detail: "Send a live key and its secret by HTTP Basic authentication."}
	}
	r.publisher = publisher
	if p := s.writable(r); p != nil {
		return p
	}
	version, v2 := negotiate(r.Header.Get(versionHeader))
	if version == "" {
		return &problem{Status: http.StatusBadRequest, Code: "request.version", Detail: "Send X-Experience-API-Version: 1.0.x or 2.0.x."}
	}
	r.v2 = v2
	if reads(r.Method) {
		return nil
	}
	return r.parameters()
}

// writable says why statements cannot be taken now; reading needs less.
func (s *Server) writable(r *request) *problem {
	if reads(r.Method) {
		return nil
	}
	if p := s.watch.refuse(); p != nil {
		return p
	}
	if r.publisher.Mapping == nil {
		s.deps.Log.Error("publisher has a mapping that this instance does not have", "publisher", r.publisher.Name)
		return unavailable("unavailable.mapping", time.Minute)
	}
	return nil
}

// parameters checks the query: statementId with PUT, nothing with POST.
func (r *request) parameters() *problem {
	query := r.URL.Query()
	if r.Method == http.MethodPut {
		id := query["statementId"]
		if len(query) != 1 || len(id) != 1 || !xapi.ValidUUID(id[0]) {
			return &problem{Status: http.StatusBadRequest, Code: "request.parameter", Detail: "PUT takes one parameter, statementId, a UUID."}
		}
		r.put = strings.ToLower(id[0])
		return nil
	}
	if len(query) > 0 {
		return &problem{Status: http.StatusBadRequest, Code: "request.parameter", Detail: "POST takes no parameter."}
	}
	return nil
}
