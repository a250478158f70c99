package portal

import (
	"encoding/json/v2"
	"errors"
	"net/http"
	"strings"

	"brume/ingest/publishers"
)

// deny answers a request that no live key proves. Basic comes first: browsers
// ask for a key and its secret then.
func (p *Portal) deny(w http.ResponseWriter, r *http.Request, err error) {
	for of, code := range map[error]string{
		publishers.ErrNotReady: "unavailable.starting", publishers.ErrUnusable: "unavailable.key",
		publishers.ErrIdentity: "unavailable.identity", publishers.ErrSeveral: "request.credentials_several",
	} {
		if errors.Is(err, of) {
			p.refuse(w, r, code)
			return
		}
	}
	offered := []string{publishers.BasicChallenge}
	if d, ok := errors.AsType[*publishers.Denial](err); ok {
		offered = d.Challenges
	}
	for _, challenge := range offered {
		w.Header().Add("WWW-Authenticate", challenge)
	}
	p.refuse(w, r, "request.credentials")
}

// refuse answers with a problem: JSON to those who ask for JSON, else a page.
func (p *Portal) refuse(w http.ResponseWriter, r *http.Request, code string) {
	c, _ := p.codes.find(code)
	if c.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
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
