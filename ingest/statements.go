package ingest

import (
	"encoding/json/v2"
	"errors"
	"net/http"
	"strconv"
	"time"

	"brume/ingest/parts"
	"brume/schemas/xapi"
)

// statements serves the Statement resource.
func (s *Server) statements(w http.ResponseWriter, r *http.Request) *problem {
	req := request{Request: r}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		if p := s.recognise(w, &req); p != nil {
			return p
		}
		return s.read(w, &req)
	case http.MethodPost, http.MethodPut:
		return s.write(w, &req)
	}
	w.Header().Set("Allow", "GET, HEAD, POST, PUT")
	return &problem{Status: http.StatusMethodNotAllowed, Code: "request.method"}
}

// write takes the statements that a request brings.
func (s *Server) write(w http.ResponseWriter, r *request) *problem {
	if p := s.admit(w, r); p != nil {
		s.turnedAway(r, p)
		return p
	}
	batch, p := s.decode(w, r)
	if p != nil {
		return p
	}
	if p := s.take(r, batch); p != nil {
		s.missed(r, p, len(batch.Statements))
		return p
	}
	return answer(w, r, batch)
}

// decode reads the body's statements and gives each its id.
func (s *Server) decode(w http.ResponseWriter, r *request) (xapi.Batch, *problem) {
	body, p := s.readBody(w, r)
	defer recycle(body.text)
	if p != nil {
		s.refused(r, p, 1)
		return xapi.Batch{}, p
	}
	options := xapi.Options{V2: r.v2, Multipart: body.multipart, Limits: s.cfg.limits()}
	batch, err := xapi.DecodeText(body.string(), options)
	if err == nil {
		err = attached(batch, body.parts, options)
	}
	if faults, ok := errors.AsType[xapi.Faults](err); ok {
		if !r.trial {
			s.counts.Faults(r.publisher, faults, body.text.Bytes())
		}
		return batch, invalid(faults)
	}
	if p := s.identify(r, batch); p != nil {
		s.refused(r, p, len(batch.Statements))
		return batch, p
	}
	r.parts = body.parts
	return batch, nil
}

// attached checks the contents of attachments, signatures among them.
func attached(batch xapi.Batch, list []parts.Part, o xapi.Options) error {
	if err := parts.Match(batch, list, o.V2); err != nil {
		return err
	}
	return parts.VerifySignatures(batch, list, o)
}

// turnedAway counts a request that a publisher must mend, refused before its
// body was read, as one statement.
func (s *Server) turnedAway(r *request, p *problem) {
	if r.publisher.Name != "" && p.final() {
		s.refused(r, p, 1)
	}
}

// refused counts statements that are not taken.
func (s *Server) refused(r *request, p *problem, n int) {
	if !r.trial {
		s.counts.Refused(r.publisher, p.Code, int64(n))
	}
}

// answer acknowledges: 204 for PUT, the ids for POST.
func answer(w http.ResponseWriter, r *request, batch xapi.Batch) *problem {
	if r.Method == http.MethodPut {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	ids := make([]string, len(batch.Statements))
	for i := range ids {
		ids[i] = batch.Statements[i].ID
	}
	return writeJSON(w, ids)
}

// writeJSON answers 200 with a value.
func writeJSON(w http.ResponseWriter, value any) *problem {
	text, err := json.Marshal(value)
	if err != nil {
		return &problem{Status: http.StatusInternalServerError, Code: "internal"}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text) // the client may be gone
	return nil
}

// unavailable says that the same request may succeed later.
func unavailable(code string, after time.Duration) *problem {
	return &problem{Status: http.StatusServiceUnavailable, Code: code, After: after}
}
