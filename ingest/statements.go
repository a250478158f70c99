package ingest

import (
	"encoding/json/v2"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"brume/ingest/publishers"
	"brume/schemas/mapping"
	"brume/schemas/xapi"
)

// statements serves the Statement resource: POST and PUT.
func (s *Server) statements(w http.ResponseWriter, r *http.Request) *problem {
	if r.Method != http.MethodPost && r.Method != http.MethodPut {
		w.Header().Set("Allow", "POST, PUT")
		return &problem{Status: http.StatusMethodNotAllowed, Code: "request.method",
			Detail: "Statements can be sent and not read back."}
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
	batch, p := s.decode(w, &req)
	if p != nil {
		return p
	}
	if p := s.take(&req, batch); p != nil {
		return p
	}
	return answer(w, &req, batch)
}

// request is what is known about a request before its body is read.
type request struct {
	*http.Request
	publisher publishers.Publisher
	mapping   *mapping.Mapping
	v2        bool
	put       string // statementId of a PUT
}

// admit checks everything but the body.
func (s *Server) admit(w http.ResponseWriter, r *request) *problem {
	key, secret, ok := r.BasicAuth()
	publisher, err := s.deps.Publishers.Authenticate(key, secret)
	switch {
	case errors.Is(err, publishers.ErrNotReady):
		return unavailable("unavailable.starting", 2*time.Second)
	case !ok, err != nil:
		w.Header().Set("WWW-Authenticate", `Basic realm="brume", charset="UTF-8"`)
		return &problem{Status: http.StatusUnauthorized, Code: "request.credentials", Detail: "Send a live key and its secret by HTTP Basic authentication."}
	}
	r.publisher = publisher
	if p := s.watch.refuse(); p != nil {
		return p
	}
	if r.mapping = s.mappings[publisher.Mapping]; r.mapping == nil {
		s.deps.Log.Error("publisher has a mapping that this instance does not have", "publisher", publisher.Name)
		return unavailable("unavailable.mapping", time.Minute)
	}
	version, v2 := negotiate(r.Header.Get(versionHeader))
	if version == "" {
		return &problem{Status: http.StatusBadRequest, Code: "request.version", Detail: "Send X-Experience-API-Version: 1.0.x or 2.0.x."}
	}
	r.v2 = v2
	return r.parameters()
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

// decode reads the body's statements and gives each its id.
func (s *Server) decode(w http.ResponseWriter, r *request) (xapi.Batch, *problem) {
	body, p := s.readBody(w, r.Request)
	defer recycle(body)
	if p != nil {
		s.counts.refused(r.publisher.Name, p.Code, 1)
		return xapi.Batch{}, p
	}
	batch, err := xapi.Decode(body.Bytes(), xapi.Options{V2: r.v2, Limits: s.cfg.limits()})
	if faults, ok := errors.AsType[xapi.Faults](err); ok {
		s.counts.faults(r.publisher.Name, faults)
		return batch, invalid(faults)
	}
	if p := s.identify(r, batch); p != nil {
		s.counts.refused(r.publisher.Name, p.Code, int64(len(batch.Statements)))
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
