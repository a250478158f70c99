package ingest

import (
	"encoding/json/v2"
	"net/http"
	"strings"
	"time"
)

// The headers of the specification.
const (
	versionHeader    = "X-Experience-API-Version"
	consistentHeader = "X-Experience-API-Consistent-Through"
)

// The versions that answers state.
const (
	version1 = "1.0.3"
	version2 = "2.0.0"
)

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/xapi/statements", s.framed(s.statements))
	mux.Handle("/xapi/about", s.framed(s.about))
	for _, declined := range []string{"activities", "activities/state", "activities/profile", "agents", "agents/profile"} {
		mux.Handle("/xapi/"+declined, s.framed(s.declined))
	}
	for _, root := range Roots {
		mux.Handle(root, s.framed(s.unknown))
	}
	return mux
}

// framed sets the headers that every answer has and counts its status.
func (s *Server) framed(handle func(w http.ResponseWriter, r *http.Request) *problem) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.deps.Now()
		version, _ := negotiate(r.Header.Get(versionHeader))
		if version == "" {
			version = version2
		}
		w.Header().Set(versionHeader, version)
		w.Header().Set(consistentHeader, began.UTC().Format(time.RFC3339Nano))
		status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		if p := handle(status, r); p != nil {
			p.write(status)
		}
		s.counts.request(status.status, s.deps.Now().Sub(began))
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// negotiate gives the version that an answer states for the version that a
// request states, and whether it is of the line 2.0.
func negotiate(header string) (version string, v2 bool) {
	switch {
	case header == "1.0", strings.HasPrefix(header, "1.0.") && isNumber(header[4:]):
		return version1, false
	case header == "2.0", strings.HasPrefix(header, "2.0.") && isNumber(header[4:]):
		return version2, true
	}
	return "", false
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// about answers the About resource, which needs neither key nor version.
func (s *Server) about(w http.ResponseWriter, r *http.Request) *problem {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return &problem{Status: http.StatusMethodNotAllowed, Code: "request.method", Detail: "About can only be read."}
	}
	text, err := json.Marshal(struct {
		Version []string `json:"version"`
	}{[]string{"1.0.0", "1.0.1", "1.0.2", version1, version2}})
	if err != nil {
		return &problem{Status: http.StatusInternalServerError, Code: "internal"}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // the client may be gone
	return nil
}

func (s *Server) declined(http.ResponseWriter, *http.Request) *problem {
	return &problem{Status: http.StatusNotFound, Code: "resource.declined",
		Detail: "Brume receives statements and keeps no learner record: state, profiles, activities and agents are not offered."}
}

func (s *Server) unknown(http.ResponseWriter, *http.Request) *problem {
	return &problem{Status: http.StatusNotFound, Code: "resource.unknown", Detail: "There is no such resource."}
}
