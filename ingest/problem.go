package ingest

import (
	"encoding/json/v2"
	"net/http"
	"strconv"
	"time"

	"brume/ingest/parts"
	"brume/ingest/portal"
	"brume/schemas/xapi"
)

// problem is an answer that is not 2xx (RFC 9457). It holds nothing that the
// request sent. Its texts, and those of errors that have none of their own, are
// the publishers' table of codes': see explain.
type problem struct {
	Type      string        `json:"type"`
	Title     string        `json:"title"`
	Status    int           `json:"status"`
	Code      string        `json:"code"` // stable
	Detail    string        `json:"detail"`
	DetailFR  string        `json:"detail_fr"`
	Parameter string        `json:"parameter,omitzero"` // of ours, which the code is about
	Most      int           `json:"most,omitzero"`      // statements that would pass at once
	Errors    []xapi.Fault  `json:"errors,omitempty"`
	After     time.Duration `json:"-"` // Retry-After, when not 0
}

// texts explain codes in English and in French.
type texts map[string]portal.Code

func newTexts() (texts, error) {
	list, err := portal.Codes()
	if err != nil {
		return nil, err
	}
	t := make(texts, len(list))
	for _, c := range list {
		t[c.Name] = c
	}
	return t, nil
}

// explain puts the texts into a problem, which MUST be done before it is
// answered.
func (t texts) explain(p *problem) {
	p.Detail, p.DetailFR = t.of(p.Code)
	for i := range p.Errors {
		if f := &p.Errors[i]; f.Message == "" {
			f.Message, f.MessageFR = t.of(string(f.Code))
		}
	}
}

func (t texts) of(code string) (en, fr string) {
	c := t[code]
	return c.Text("en"), c.Text("fr")
}

func (p *problem) write(w http.ResponseWriter) {
	p.Type = "urn:brume:problem:" + p.Code
	p.Title = http.StatusText(p.Status)
	text, err := json.Marshal(p)
	if err != nil {
		text = []byte(`{"type":"about:blank"}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	p.retryAfter(h)
	w.WriteHeader(p.Status)
	_, _ = w.Write(text) // the client may be gone
}

func (p *problem) retryAfter(h http.Header) {
	if p.After > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.After+time.Second-1)/time.Second)))
	}
}

// final says that the same request will be refused again.
func (p *problem) final() bool {
	return p.Status < http.StatusInternalServerError && p.Status != http.StatusTooManyRequests
}

// invalid turns faults of statements into a problem: 413 when a limit of size
// was passed, 400 otherwise.
func invalid(faults xapi.Faults) *problem {
	p := &problem{Status: http.StatusBadRequest, Code: string(faults[0].Code), Errors: faults}
	for _, f := range faults {
		if f.Code == xapi.TooLarge || f.Code == xapi.TooMany || parts.TooLarge(f.Code) {
			p.Status = http.StatusRequestEntityTooLarge
		}
	}
	return p
}
