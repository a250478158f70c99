package ingest

import (
	"encoding/json/v2"
	"errors"
	"net/http"
	"strconv"
	"time"

	"brume/schemas/xapi"
)

// statements serves the Statement resource.
func (s *Server) statements(w http.ResponseWriter, r *http.Request) *problem {
	if r.Method != http.MethodPost && r.Method != http.MethodPut && !reads(r.Method) {
		w.Header().Set("Allow", "GET, HEAD, POST, PUT")
		return &problem{Status: http.StatusMethodNotAllowed, Code: "request.method",
			Detail: "Statements can be sent, and read back for a short time."}
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		return unavailable("unavailable.busy", time.Second)
	}
	req := request{Request: r}
	if p := s.admit(w, &req); p != nil {
		return p
	}
	if reads(r.Method) {
		return s.read(w, &req)
	}
	batch, p := s.decode(w, &req)
	if p != nil {
		return p
	}
	if p := s.take(&req, batch); p != nil {
		return p
	}
	return answer(w, &req, batch)
}

// decode reads the body's statements and gives each its id.
func (s *Server) decode(w http.ResponseWriter, r *request) (xapi.Batch, *problem) {
	body, p := s.readBody(w, r.Request)
	defer recycle(body)
	if p != nil {
		s.counts.refused(r.publisher, p.Code, 1)
		return xapi.Batch{}, p
	}
	batch, err := xapi.Decode(body.Bytes(), xapi.Options{V2: r.v2, Limits: s.cfg.limits()})
	if faults, ok := errors.AsType[xapi.Faults](err); ok {
		s.counts.faults(r.publisher, faults, body.Bytes(), s.deps.Now())
		return batch, invalid(faults)
	}
	if p := s.identify(r, batch); p != nil {
		s.counts.refused(r.publisher, p.Code, int64(len(batch.Statements)))
		return batch, p
	}
	return batch, nil
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
	text, err := json.Marshal(ids)
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
	return &problem{Status: http.StatusServiceUnavailable, Code: code, After: after,
		Detail: "Nothing was acknowledged: send the same request again later."}
}
