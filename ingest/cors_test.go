package ingest

import (
	"net/http"
	"strings"
	"testing"
)

// Browsers ask before they send; the answer needs no key, and never allows
// credentials of the browser's own.
func TestPreflight(t *testing.T) {
	e := newEndpoint(t, nil)
	for _, path := range []string{"/xapi/statements", "/xapi/about", "/xapi/validate", "/xapi/activities/state", "/xapi/nothing", "/ingest/ndjson"} {
		w := e.send(http.MethodOptions, path, "", func(r *http.Request) {
			r.Header = http.Header{"Origin": {"https://tool.example"}, "Access-Control-Request-Method": {"PUT"},
				"Access-Control-Request-Headers": {"authorization,content-type,x-experience-api-version"}}
		})
		h := w.Header()
		if w.Code != http.StatusNoContent || h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %d %v", path, w.Code, h)
		}
		allowed := strings.ToLower(h.Get("Access-Control-Allow-Headers"))
		for _, name := range []string{"authorization", "content-type", "x-experience-api-version", "if-match", "if-none-match", "idempotency-key"} {
			if !strings.Contains(allowed, name) {
				t.Errorf("%s: header %s is not allowed", path, name)
			}
		}
		for _, method := range []string{"GET", "HEAD", "POST", "PUT"} {
			if !strings.Contains(h.Get("Access-Control-Allow-Methods"), method) {
				t.Errorf("%s: method %s is not allowed", path, method)
			}
		}
	}
}

func TestOrigins(t *testing.T) {
	only := func(c *Config, _ *Deps) { c.Origins = []string{"https://tool.example", "http://127.0.0.1:8000"} }
	none := func(c *Config, _ *Deps) { c.Origins = nil }
	rows := []struct {
		line         int
		edit         func(*Config, *Deps)
		origin, want string
	}{
		{line(), nil, "https://tool.example", "*"},
		{line(), nil, "", "*"},
		{line(), only, "https://tool.example", "https://tool.example"},
		{line(), only, "http://127.0.0.1:8000", "http://127.0.0.1:8000"},
		{line(), only, "https://other.example", ""},
		{line(), only, "https://tool.example.evil.example", ""},
		{line(), only, "null", ""},
		{line(), only, "", ""},
		{line(), none, "https://tool.example", ""},
	}
	for _, row := range rows {
		e := newEndpoint(t, row.edit)
		for _, method := range []string{http.MethodOptions, http.MethodPost} {
			w := e.send(method, "/xapi/statements", statement("1", ""), func(r *http.Request) {
				if row.origin != "" {
					r.Header.Set("Origin", row.origin)
				}
			})
			h := w.Header()
			if got := h.Get("Access-Control-Allow-Origin"); got != row.want || h.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("line %d: %s: origin %q, want %q", row.line, method, got, row.want)
			}
			if shown := h.Get("Access-Control-Expose-Headers"); (shown != "") != (row.want != "") {
				t.Errorf("line %d: %s: exposed %q", row.line, method, shown)
			}
			if allowed := h.Get("Access-Control-Allow-Methods"); (allowed != "") != (row.want != "" && method == http.MethodOptions) {
				t.Errorf("line %d: %s: methods %q", row.line, method, allowed)
			}
		}
	}
	for _, origin := range []string{"tool.example", "https://tool.example/", "https://", "", "https://a.example/path", "https://key@a.example"} {
		if err := (Config{Origins: []string{origin}}).validateOrigins(); err == nil {
			t.Errorf("origin %q is accepted", origin)
		}
	}
	e := newEndpoint(t, nil)
	exposed := e.post(statement("1", "")).Header().Get("Access-Control-Expose-Headers")
	for _, name := range []string{"X-Experience-API-Version", "X-Experience-API-Consistent-Through", "Last-Modified", "Retry-After", "ETag"} {
		if !strings.Contains(exposed, name) {
			t.Errorf("%s is not exposed", name)
		}
	}
}
