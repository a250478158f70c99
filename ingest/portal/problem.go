package portal

import (
	"encoding/json/v2"
	"net/http"
	"strconv"
	"strings"

	"brume/ingest/publishers"
)

// deny answers a request that no live key proves. Basic comes first: browsers
// ask for a key and its secret then.
func (p *Portal) deny(w http.ResponseWriter, r *http.Request, err error) {
	refusal := publishers.RefusalOf(err)
	for _, challenge := range refusal.Challenges {
		w.Header().Add("WWW-Authenticate", challenge)
	}
	if refusal.After > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(refusal.After.Seconds())))
	}
	p.refuse(w, r, refusal.Code)
}

// refuse answers with a problem: JSON to those who ask for JSON, else a page.
func (p *Portal) refuse(w http.ResponseWriter, r *http.Request, code string) {
	c, _ := p.codes.find(code)
	if !strings.HasSuffix(r.URL.Path, ".json") {
		l := p.locale(r)
		page := p.frame(l, r, "error")
		page.Status, page.Body = c.Status, l.Spaced(c.Text(l.Lang))
		page.Title = l.T("error." + http.StatusText(c.Status))
		p.write(w, l, page)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(c.Status)
	_ = json.MarshalWrite(w, struct { // the client may be gone
		Type     string `json:"type"`
		Title    string `json:"title"`
		Status   int    `json:"status"`
		Code     string `json:"code"`
		Detail   string `json:"detail"`
		DetailFR string `json:"detail_fr"`
	}{"urn:brume:problem:" + code, http.StatusText(c.Status), c.Status, code, c.Text("en"), c.Text("fr")})
}
