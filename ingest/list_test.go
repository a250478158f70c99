package ingest

import (
	"encoding/json/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A list goes on by the URL in more; the filter's pupil is neither in it nor in
// the log.
func TestReadList(t *testing.T) {
	e := newEndpoint(t, nil)
	sent := ids(t, e.post("["+statement("4711", "")+","+statement("4712", "")+","+statement("4711", "")+"]"))
	get := func(url string) (got []string, more string) {
		t.Helper()
		w := e.send(http.MethodGet, url, "", nil)
		var r struct {
			Statements []struct {
				ID string `json:"id"`
			} `json:"statements"`
			More string `json:"more"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "private, no-store" {
			t.Fatal(w.Code, err, w.Body)
		}
		for _, s := range r.Statements {
			got = append(got, s.ID)
		}
		return got, r.More
	}
	agent := url.QueryEscape(`{"account":{"homePage":"https://ent.aix.example","name":"4711"}}`)
	first, more := get("/xapi/statements?limit=1&agent=" + agent)
	if len(first) != 1 || first[0] != sent[2] || !strings.HasPrefix(more, "/xapi/statements?more=") || strings.Contains(more, "4711") {
		t.Fatalf("first page %v, more %q", first, more)
	}
	if rest, more := get(more); len(rest) != 1 || rest[0] != sent[0] || more != "" {
		t.Errorf("second page %v, more %q", rest, more)
	}
	if none, more := get("/xapi/statements?verb=a:none"); len(none) != 0 || more != "" {
		t.Errorf("nothing matches: %v, more %q", none, more)
	}
	e.send(http.MethodGet, "/xapi/statements?since=4711&agent="+agent, "", nil)
	if strings.Contains(e.log.String(), "4711") {
		t.Errorf("log: %s", e.log)
	}
}
