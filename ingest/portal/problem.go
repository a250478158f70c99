package portal

import (
	"encoding/json/v2"
	"net/http"
	"strings"
)

// refuse answers with a problem: JSON to those who ask for JSON, else a page.
func (p *Portal) refuse(w http.ResponseWriter, r *http.Request, code string) {
	c, _ := p.codes.find(code)
	l := p.locale(r)
	text, _ := p.codes.in(l)(code)
	switch c.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="brume", charset="UTF-8"`)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
	}
	if !strings.HasSuffix(r.URL.Path, ".json") {
		page := p.frame(l, r, "error")
		page.Status, page.Body = c.Status, text
		page.Title = l.T("error." + http.StatusText(c.Status))
		p.write(w, l, page)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(c.Status)
	_ = json.MarshalWrite(w, struct { // the client may be gone
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Code   string `json:"code"`
		Detail string `json:"detail"`
	}{"urn:brume:problem:" + code, http.StatusText(c.Status), c.Status, code, text})
}
