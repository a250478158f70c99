package ingest

import (
	"bytes"
	"encoding/json/jsontext"
	"net/http"
	"strconv"
	"strings"

	"brume/schemas/xapi"
)

// read answers GET and HEAD of the Statement resource from the window.
func (s *Server) read(w http.ResponseWriter, r *request) *problem {
	if !r.window.On() {
		return &problem{Status: http.StatusNotFound, Code: "read.off", Detail: "Reading statements back is switched off here."}
	}
	query := r.URL.Query()
	id := query["statementId"]
	if len(query) != 1 || len(id) != 1 || !xapi.ValidUUID(id[0]) {
		return &problem{Status: http.StatusBadRequest, Code: "request.parameter", Detail: "GET takes one parameter, statementId, a UUID."}
	}
	st, ok := r.window.Get(r.publisher.Number, strings.ToLower(id[0]))
	if !ok {
		return &problem{Status: http.StatusNotFound, Code: "read.unknown",
			Detail: "There is no such statement of yours, or it came too long ago to be read back."}
	}
	var body bytes.Buffer
	if err := st.Append(jsontext.NewEncoder(&body), r.authority()); err != nil {
		return &problem{Status: http.StatusInternalServerError, Code: "internal"}
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	h.Set("Last-Modified", st.Stored.Format(http.TimeFormat))
	h.Set("Cache-Control", "private, no-store")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body.Bytes()) // the client may be gone
	}
	return nil
}

// authority is the agent that asserts what the publisher sends.
func (r *request) authority() jsontext.Value {
	name, _ := jsontext.AppendQuote(nil, r.publisher.Name)
	return jsontext.Value(`{"objectType":"Agent","account":{"homePage":"https://brume.example/publishers","name":` + string(name) + `}}`)
}
