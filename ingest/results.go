package ingest

import (
	"bufio"
	"encoding/json/v2"
	"net/http"
	"uuid"

	"brume/schemas/xapi"
)

// maxReported bounds the faults that an answer to lines explains; lines after
// that many have their code only.
const maxReported = 2000

// results is what became of the lines of a request, small while it waits: the
// answer is written when the whole body was read, since many clients read no
// answer before.
type results struct {
	list      []result
	accepted  int
	postponed int
	reported  int                 // faults kept
	bare      map[string]*problem // by code, without their faults
}

// result is what became of a line.
type result struct {
	line int
	id   uuid.UUID // when p is nil
	p    *problem
}

// accept writes down a line that the broker has.
func (r *results) accept(line int, id string) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		panic(err) // the decoder and identify let nothing else pass
	}
	r.list = append(r.list, result{line: line, id: parsed})
	r.accepted++
}

// refuse writes down a line that is not taken; the problem is explained.
func (r *results) refuse(line int, p *problem) {
	if !p.final() {
		r.postponed++
	}
	if r.reported+len(p.Errors) > maxReported {
		if r.bare == nil {
			r.bare = map[string]*problem{}
		}
		if r.bare[p.Code] == nil {
			r.bare[p.Code] = &problem{Status: p.Status, Code: p.Code}
		}
		p = r.bare[p.Code]
	}
	r.reported += len(p.Errors)
	r.list = append(r.list, result{line: line, p: p})
}

// lineResult is a line of the answer.
type lineResult struct {
	Line   int    `json:"line"`
	Status int    `json:"status"`
	ID     string `json:"id,omitzero"`
	Code   string `json:"code,omitzero"`
	// Without errors; the code's.
	Detail   string       `json:"detail,omitzero"`
	DetailFR string       `json:"detail_fr,omitzero"`
	Errors   []xapi.Fault `json:"errors,omitempty"`
}

// summary is the last line of the answer.
type summary struct {
	Lines     int    `json:"lines"` // with a result
	Accepted  int    `json:"accepted"`
	Refused   int    `json:"refused"`
	Postponed int    `json:"postponed"`       // to be sent again
	Complete  bool   `json:"complete"`        // the body was read to its end
	Code      string `json:"code,omitzero"`   // why it was not, or why lines are postponed
	Detail    string `json:"detail,omitzero"` // of the code
	DetailFR  string `json:"detail_fr,omitzero"`
}

// write answers 200 with a result for each line and the summary.
func (r *results) write(w http.ResponseWriter, end *problem) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	if end != nil {
		end.retryAfter(w.Header())
	}
	out := bufio.NewWriter(w)
	for i := range r.list {
		writeLine(out, r.list[i].text())
	}
	last := summary{Lines: len(r.list), Accepted: r.accepted, Postponed: r.postponed, Complete: end == nil || !end.final()}
	last.Refused = last.Lines - last.Accepted - last.Postponed
	if end != nil {
		last.Code, last.Detail, last.DetailFR = end.Code, end.Detail, end.DetailFR
	}
	writeLine(out, last)
	_ = out.Flush() // the client may be gone
}

func (r *result) text() lineResult {
	if r.p == nil {
		return lineResult{Line: r.line, Status: http.StatusOK, ID: r.id.String()}
	}
	t := lineResult{Line: r.line, Status: r.p.Status, Code: r.p.Code, Errors: r.p.Errors}
	if len(t.Errors) == 0 {
		t.Detail, t.DetailFR = r.p.Detail, r.p.DetailFR
	}
	return t
}

func writeLine(out *bufio.Writer, value any) {
	_ = json.MarshalWrite(out, value) // of fixed shape; the writer keeps its error
	_ = out.WriteByte('\n')
}
