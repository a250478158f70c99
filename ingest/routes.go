package ingest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"brume/ingest/portal"
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

// versions are those of the About resource.
var versions = []string{"1.0.0", "1.0.1", "1.0.2", version1, version2}

// handler answers a request, or says why not.
type handler func(w http.ResponseWriter, r *http.Request) *problem

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/xapi/statements", s.framed(s.slotted(s.alternate(s.statements))))
	mux.Handle("/xapi/about", s.framed(s.slotted(s.alternate(s.about))))
	mux.Handle("/xapi/validate", s.framed(s.slotted(s.validate)))
	mux.Handle("/ingest/ndjson", s.framed(s.slotted(s.ndjson)))
	for _, declined := range []string{"activities", "activities/state", "activities/profile", "agents", "agents/profile"} {
		mux.Handle("/xapi/"+declined, s.framed(s.declined))
	}
	for _, root := range Roots {
		if root != portal.Root {
			mux.Handle(root, s.framed(s.unknown))
		}
	}
	mux.Handle(portal.Root, s.paged(s.portal.Handler()))
	return mux
}

// framed sets the headers that every answer has, refuses credentials in the
// address, answers preflights and counts the status.
func (s *Server) framed(handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.deps.Now()
		version, _ := negotiate(r.Header.Get(versionHeader))
		if version == "" {
			version = version2
		}
		w.Header().Set(versionHeader, version)
		w.Header().Set(consistentHeader, began.UTC().Format(time.RFC3339Nano))
		s.cfg.cors(w.Header(), r)
		status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		p := credentialsInURL(r)
		switch {
		case p != nil:
		case r.Method == http.MethodOptions:
			preflight(status)
		default:
			p = handle(status, r)
		}
		s.answer(status, p)
		s.counts.Request(status.status, s.deps.Now().Sub(began))
	})
}

// answer answers with a problem, if there is one.
func (s *Server) answer(w http.ResponseWriter, p *problem) {
	if p != nil {
		s.texts.explain(p)
		p.write(w)
	}
}

// slotted bounds how many requests are worked on at once.
func (s *Server) slotted(handle handler) handler {
	return func(w http.ResponseWriter, r *http.Request) *problem {
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
			return handle(w, r)
		default:
			return unavailable("unavailable.busy", time.Second)
		}
	}
}

// secretive are the names of parameters that hold credentials, in lower case.
var secretive = []string{"authorization", "auth", "access_token", "token", "id_token", "assertion", "client_assertion", "key", "api_key", "apikey",
	"secret", "client_secret", "password"}

// credentialsInURL refuses a request whose address holds credentials, right or
// wrong ones: addresses rest in the logs of proxies and in the histories of
// browsers. They count as known to others.
func credentialsInURL(r *http.Request) *problem {
	found := r.URL.User != nil
	if r.URL.RawQuery != "" {
		for name := range r.URL.Query() {
			found = found || slices.Contains(secretive, strings.ToLower(name))
		}
	}
	if !found {
		return nil
	}
	return &problem{Status: http.StatusBadRequest, Code: "request.credentials_in_url"}
}

// statusWriter notes the status.
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
		return &problem{Status: http.StatusMethodNotAllowed, Code: "request.method"}
	}
	return writeJSON(w, struct {
		Version []string `json:"version"`
	}{versions})
}

// declined answers the resources that Brume does not offer. A version is asked
// for first, as the specification does of every resource but About.
func (s *Server) declined(_ http.ResponseWriter, r *http.Request) *problem {
	if version, _ := negotiate(r.Header.Get(versionHeader)); version == "" {
		return noVersion()
	}
	return &problem{Status: http.StatusNotFound, Code: "resource.declined"}
}

func (s *Server) unknown(http.ResponseWriter, *http.Request) *problem {
	return &problem{Status: http.StatusNotFound, Code: "resource.unknown"}
}
