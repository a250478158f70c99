package ingest

import (
	"cmp"
	"net/http"

	"brume/ingest/tally"
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
	Kept     bool     `json:"kept"`
	Dropped  string   `json:"dropped,omitzero"`   // why it would not be folded
	Unmapped []string `json:"unmapped,omitempty"` // fields that the mapping does not find
}

// validate checks statements as POST to the Statement resource does. Nothing of
// them is produced, kept or counted.
func (s *Server) validate(w http.ResponseWriter, r *http.Request) *problem {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		return &problem{Status: http.StatusMethodNotAllowed, Code: "request.method"}
	}
	req := request{Request: r, trial: true}
	if p := s.admit(w, &req); p != nil {
		return p
	}
	batch, p := s.decode(w, &req)
	if p == nil {
		p = cmp.Or(fits(&req.publisher, len(batch.Statements)), conflict(&req, batch))
	}
	var v verdict
	if p == nil {
		v, p = s.verdict(&req, batch)
	}
	switch {
	case p != nil && len(p.Errors) > 0:
		s.texts.explain(p)
		return writeJSON(w, verdict{Errors: p.Errors})
	case p != nil:
		return p
	}
	return writeJSON(w, v)
}

// verdict maps valid statements; the problem is that of one that the key may
// not send.
func (s *Server) verdict(r *request, batch xapi.Batch) (verdict, *problem) {
	v := verdict{Valid: true, Statements: make([]prospect, len(batch.Statements))}
	at := s.reception(r)
	for i := range batch.Statements {
		var t tally.Tally
		e, kept := s.fate(r, &batch.Statements[i], at, &t)
		if kept {
			if p := permit(r, batch, i, &e); p != nil {
				return verdict{}, p
			}
		}
		v.Statements[i] = prospect{Kept: kept, Dropped: t.Dropped(), Unmapped: t.Missing()}
	}
	return v, nil
}
