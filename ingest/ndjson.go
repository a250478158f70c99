package ingest

import (
	"bytes"
	"io"
	"mime"
	"net/http"
)

// ndjson takes statements in bulk, one a line. Each line is accepted or refused
// by itself, and the answer has a result for each. When not one can be taken,
// the request as a whole is answered so, and may be sent again as it is.
func (s *Server) ndjson(w http.ResponseWriter, r *http.Request) *problem {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		return &problem{Status: http.StatusMethodNotAllowed, Code: "request.method"}
	}
	req := request{Request: r}
	if p := s.admit(w, &req); p != nil {
		s.turnedAway(&req, p)
		return p
	}
	b, end := s.bulk(w, &req)
	if end != nil && (len(b.results.list) == 0 || b.stop != nil && b.results.accepted == 0) {
		return end
	}
	if end != nil {
		s.texts.explain(end)
	}
	b.results.write(w, end)
	return nil
}

// bulk reads and takes a body of lines. The problem is what ended it early; what
// came before has its results all the same.
func (s *Server) bulk(w http.ResponseWriter, r *request) (*bulk, *problem) {
	b := &bulk{s: s, r: r}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-ndjson" {
		return b, b.refused(wrongType())
	}
	var p *problem
	if b.key, p = idempotencyKey(r.Request); p != nil {
		return b, b.refused(p)
	}
	in, p := s.open(w, r.Request, s.cfg.Bulk)
	if p != nil {
		return b, b.refused(p)
	}
	defer in.Close()
	return b, b.run(newSplitter(in, s.cfg.Statement))
}

// run goes through the lines until the body ends or passes a limit, or until
// nothing could be taken. Once something was taken and the rest cannot be, the
// rest is read to the end, so that each line has its result.
func (b *bulk) run(in *splitter) *problem {
	for {
		text, err := in.next()
		switch {
		case err == io.EOF:
			b.flush()
			return b.stop
		case err != nil:
			b.flush()
			return b.refused(bodyProblem(err))
		case in.number > b.s.cfg.BulkLines:
			b.flush()
			return b.refused(&problem{Status: http.StatusRequestEntityTooLarge, Code: "limit.bulk_lines"})
		case text != nil && len(bytes.TrimSpace(text)) == 0:
			continue // no statement, and no result
		}
		b.add(in.number, text)
		if b.stop != nil && b.results.accepted == 0 {
			return b.stop
		}
	}
}

// refused counts a problem that is none of a line's.
func (b *bulk) refused(p *problem) *problem {
	b.s.counts.Refused(b.r.publisher, p.Code, 1)
	return p
}
