package ingest

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"brume/ingest/compare"
	"brume/ingest/parts"
	"brume/ingest/publishers"
	"brume/ingest/readback"
	"brume/schemas/xapi"
)

// request is what is known about a request before its body is read.
type request struct {
	*http.Request
	publisher publishers.Publisher
	v2        bool
	put       string           // statementId of a PUT
	window    *readback.Window // of what the key sent
	compare   int              // bytes that may still be parsed to find conflicts
	trial     bool             // to validate only: nothing is counted, kept or produced
	parts     []parts.Part     // contents of attachments, once they match
}

// admit checks everything but the body of a request that brings statements.
func (s *Server) admit(w http.ResponseWriter, r *request) *problem {
	if p := s.recognise(w, r); p != nil {
		return p
	}
	if p := s.watch.refuse(); p != nil && !r.trial {
		return p
	}
	if r.publisher.Mapping == nil {
		s.deps.Log.Error("publisher has a mapping that this instance does not have", "publisher", r.publisher.Name)
		return unavailable("unavailable.mapping", time.Minute)
	}
	if p := exhausted(&r.publisher, s.deps.Now()); p != nil {
		return p
	}
	return r.parameters()
}

// recognise finds out who sends a request and by which version.
func (s *Server) recognise(w http.ResponseWriter, r *request) *problem {
	publisher, err := s.deps.Publishers.Authenticate(r.Request)
	if err != nil {
		return unauthenticated(w, err)
	}
	r.publisher, r.window, r.compare = publisher, s.window, compare.MaxBytes
	if publisher.Sandbox {
		r.window = s.sandbox
	}
	version, v2 := negotiate(r.Header.Get(versionHeader))
	if version == "" {
		w.Header().Set(versionHeader, s.lines.last(publisher.Number))
		return noVersion()
	}
	s.lines.note(publisher.Number, version)
	r.v2 = v2
	return nil
}

func noVersion() *problem {
	return &problem{Status: http.StatusBadRequest, Code: "request.version"}
}

// lines remembers by which line of the specification each publisher spoke last.
// A request that names none is refused in that line.
type lines struct{ spoken sync.Map } // publisher's number → version

func (l *lines) note(publisher uint16, version string) {
	if before, ok := l.spoken.Load(publisher); !ok || before != version {
		l.spoken.Store(publisher, version)
	}
}

func (l *lines) last(publisher uint16) string {
	if version, ok := l.spoken.Load(publisher); ok {
		return version.(string)
	}
	return version2
}

// parameters checks the query: statementId with PUT, nothing with POST.
func (r *request) parameters() *problem {
	query := r.URL.Query()
	if r.Method == http.MethodPut {
		id := query["statementId"]
		if len(query) != 1 || len(id) != 1 || !xapi.ValidUUID(id[0]) {
			return &problem{Status: http.StatusBadRequest, Code: "request.parameter"}
		}
		r.put = strings.ToLower(id[0])
		return nil
	}
	if len(query) > 0 {
		return &problem{Status: http.StatusBadRequest, Code: "request.parameter"}
	}
	return nil
}
