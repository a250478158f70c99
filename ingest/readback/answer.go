package readback

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"time"
)

// Answer is what a GET gives.
type Answer struct {
	ContentType string
	Body        []byte
	Stored      time.Time // of a single statement, zero for a list
}

// The reasons why there is no answer.
var (
	ErrUnknown = errors.New("no such statement in the window")
	ErrMore    = errors.New("the token does not continue a list of this publisher")
)

// Read answers a query with statements of its owner. Languages are those of
// ParseLanguages, for the format canonical.
func (w *Window) Read(owner Owner, q Query, languages []string) (Answer, error) {
	var body bytes.Buffer
	r := newRewriter(&body, q.Format, languages)
	if q.ID != "" {
		st, isVoided, ok := w.get(owner, q.ID)
		if !ok || isVoided != q.Void {
			return Answer{}, ErrUnknown
		}
		r.statement(&st, owner.authority())
		return w.answer(owner, &q, []Statement{st}, r, &body, st.Stored)
	}
	var place uint64
	if q.More != "" {
		var ok bool
		if q, place, ok = w.opened(owner.Number, q.More); !ok {
			return Answer{}, ErrMore
		}
		r.format = q.Format
	}
	p, err := w.list(owner, &q, place)
	if err != nil {
		return Answer{}, fmt.Errorf("reading statements back: %w", err)
	}
	w.result(owner, &q, &p, r)
	return w.answer(owner, &q, p.statements, r, &body, time.Time{})
}

// result writes a StatementResult.
func (w *Window) result(owner Owner, q *Query, p *page, r *rewriter) {
	authority := owner.authority()
	r.token(jsontext.BeginObject)
	r.name("statements")
	r.token(jsontext.BeginArray)
	for i := range p.statements {
		r.statement(&p.statements[i], authority)
	}
	r.token(jsontext.EndArray)
	more := ""
	if p.next != 0 {
		more = w.more(owner.Number, q, p.next)
	}
	r.text("more", more)
	r.token(jsontext.EndObject)
}

// answer adds the attachments when they are asked for.
func (w *Window) answer(owner Owner, q *Query, list []Statement, r *rewriter, body *bytes.Buffer, stored time.Time) (Answer, error) {
	if r.err != nil {
		return Answer{}, fmt.Errorf("writing statements: %w", r.err)
	}
	if !q.Attachments {
		return Answer{ContentType: "application/json", Body: body.Bytes(), Stored: stored}, nil
	}
	var (
		all  bytes.Buffer
		m    = multipart.NewWriter(&all)
		seen = map[string]bool{}
	)
	err := part(m, body.Bytes(), "Content-Type", "application/json")
	for i := range list {
		for _, sha2 := range list[i].contents() {
			if kind, content, ok := w.content(owner, sha2); ok && !seen[sha2] {
				err = errors.Join(err, part(m, content, "Content-Type", kind, "Content-Transfer-Encoding", "binary", "X-Experience-API-Hash", sha2))
			}
			seen[sha2] = true
		}
	}
	if err = errors.Join(err, m.Close()); err != nil {
		return Answer{}, fmt.Errorf("writing attachments: %w", err)
	}
	return Answer{ContentType: "multipart/mixed; boundary=" + m.Boundary(), Body: all.Bytes(), Stored: stored}, nil
}

func part(m *multipart.Writer, body []byte, header ...string) error {
	h := textproto.MIMEHeader{}
	for i := 0; i < len(header); i += 2 {
		h[header[i]] = header[i+1 : i+2]
	}
	w, err := m.CreatePart(h)
	if err == nil {
		_, err = w.Write(body)
	}
	return err
}
