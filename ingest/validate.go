package ingest

import (
	"maps"
	"net/http"
	"slices"

	"brume/schemas/xapi"
)

// verdict is the answer of validate: the faults, or what would become of each
// statement. It holds nothing that the request sent.
type verdict struct {
	Valid      bool         `json:"valid"`
	Errors     []xapi.Fault `json:"errors,omitzero"`
	Statements []prospect   `json:"statements,omitzero"`
}

// prospect is what would become of a valid statement.
type prospect struct {
	Kept      bool     `json:"kept"`
	Dropped   string   `json:"dropped,omitzero"`   // why it would not be folded
	Forbidden string   `json:"forbidden,omitzero"` // the code with which the key's limits would refuse it
	Unmapped  []string `json:"unmapped,omitempty"` // fields that the mapping does not find
}

// validate checks statements as POST to the Statement resource does. Nothing of
// them is produced, kept or counted.
func (s *Server) validate(w http.ResponseWriter, r *http.Request) *problem {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		return &problem{Status: http.StatusMethodNotAllowed, Code: "request.method", Detail: "Send statements by POST to have them checked."}
	}
	req := request{Request: r, trial: true}
	if p := s.admit(w, &req); p != nil {
		return p
	}
	batch, p := s.decode(w, &req)
	switch {
	case p != nil && len(p.Errors) > 0:
		return writeJSON(w, verdict{Errors: p.Errors})
	case p != nil:
		return p
	}
	return writeJSON(w, s.verdict(&req, batch))
}

// verdict maps valid statements.
func (s *Server) verdict(r *request, batch xapi.Batch) verdict {
	v := verdict{Valid: true, Statements: make([]prospect, len(batch.Statements))}
	at := s.reception(r)
	for i := range batch.Statements {
		var t tally
		e, kept := s.fate(r, &batch.Statements[i], at, &t)
		if kept {
			v.Statements[i].Forbidden, kept = r.publisher.Limits.Permit(&batch.Statements[i], &e)
		}
		v.Statements[i].Kept = kept
		for reason := range t.dropped {
			v.Statements[i].Dropped = reason
		}
		others := t.others()
		maps.DeleteFunc(others, func(_ string, n int64) bool { return n == 0 })
		v.Statements[i].Unmapped = slices.Sorted(maps.Keys(others))
	}
	return v
}
