package ingest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"brume/ingest/publishers"
	"brume/schemas/topics"
)

// form sends a form without any header but its content type.
func (e *endpoint) form(query, body string, edit func(*http.Request)) *httptest.ResponseRecorder {
	return e.send(http.MethodPost, "/xapi/statements"+query, body, func(r *http.Request) {
		r.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		if edit != nil {
			edit(r)
		}
	})
}

// fields are a form with credentials and version, and pairs of name and value.
func fields(pairs ...string) string {
	v := url.Values{"Authorization": {"Basic a2V5OnNlY3JldA=="}, "X-Experience-API-Version": {"1.0.3"}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

func TestAlternate(t *testing.T) {
	e := newEndpoint(t, nil)
	w := e.form("?method=PUT", fields("statementId", someID, "content", statement("été+1", "")), nil)
	if w.Code != http.StatusNoContent || w.Header().Get(versionHeader) != version1 {
		t.Fatalf("PUT: %d %s %v", w.Code, w.Body, w.Header())
	}
	if events := e.opened(t); len(events) != 1 || events[0].Fingerprint != fingerprint(7, someID) || !strings.Contains(events[0].Actor.Reveal(), "été+1") {
		t.Errorf("PUT: %+v", events)
	}
	w = e.form("?method=POST", fields("content", "["+statement("1", "")+","+statement("2", "")+"]", "Content-Type", "application/json", "Content-Length", "3"), nil)
	if len(ids(t, w)) != 2 {
		t.Errorf("POST: %s", w.Body)
	}
	w = e.form("?method=POST", fields("X-Experience-API-Version", "1.0.1", "content", statement("1", "")), func(r *http.Request) { r.Header.Set("Authorization", "null") })
	if len(ids(t, w)) != 1 {
		t.Errorf("POST: %s", w.Body)
	}
	w = e.form("?method=POST", fields("content", statement("1", "")), func(r *http.Request) { r.SetBasicAuth("key", "secret") })
	if len(ids(t, w)) != 1 {
		t.Errorf("the same credential in the header and in the form: %s", w.Body)
	}
	w = e.send(http.MethodPost, "/xapi/about?method=HEAD", "", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
	if w.Code != http.StatusOK || w.Body.Len() > 0 {
		t.Errorf("HEAD: %d %q", w.Code, w.Body)
	}
}

// An answer to HEAD in the alternate syntax is whole: a client that waits for a
// body would wait for ever, and one that reads a length finds none.
func TestAlternateHead(t *testing.T) {
	e := newEndpoint(t, nil)
	ids(t, e.post(statement("1", `,"id":"`+someID+`"`)))
	server := httptest.NewServer(e.Handler())
	defer server.Close()
	client := http.Client{Timeout: 5 * time.Second}
	for _, row := range []struct {
		path, form string
		status     int
	}{
		{"/xapi/statements?method=HEAD", fields("statementId", someID), 200},
		{"/xapi/statements?method=HEAD", fields("limit", "1"), 200},
		{"/xapi/statements?method=HEAD", fields("limit", "x"), 400},
		{"/xapi/about?method=HEAD", "", 200},
	} {
		res, err := client.Post(server.URL+row.path, "application/x-www-form-urlencoded", strings.NewReader(row.form))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || len(body) > 0 || res.StatusCode != row.status {
			t.Errorf("%s %s: %d %q %v", row.path, row.form, res.StatusCode, body, err)
		}
	}
}

// The alternate syntax loosens no rule, and takes nothing twice.
func TestAlternateRefused(t *testing.T) {
	good := statement("1", "")
	many := ""
	for range formFields {
		many += "&a" + strings.Repeat("b", len(many)%97) + "=1"
	}
	rows := []struct {
		line        int
		query, body string
		edit        func(*http.Request)
		status      int
		code        string
	}{
		{line(), "?method=PUT&statementId=" + someID, fields("content", good), nil, 400, "alternate.method"},
		{line(), "?method=PUT&method=PUT", fields("content", good), nil, 400, "alternate.method"},
		{line(), "?method=put", fields("content", good), nil, 400, "alternate.method"},
		{line(), "?method=PATCH", fields("content", good), nil, 400, "alternate.method"},
		{line(), "?method=", fields("content", good), nil, 400, "alternate.method"},
		{line(), "?method=DELETE", fields(), nil, 405, "request.method"},
		{line(), "?method=POST", fields(), nil, 400, "alternate.content"},
		{line(), "?method=GET", fields("content", good), nil, 400, "alternate.content"},
		{line(), "?method=POST", "", func(r *http.Request) { r.Header.Del("Content-Type") }, 400, "alternate.form"},
		{line(), "?method=POST", good, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, 400, "alternate.form"},
		{line(), "?method=POST", fields("content", good), func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, 400, "alternate.form"},
		{line(), "?method=POST", `{"content":"` + url.QueryEscape(good) + `"}`, nil, 400, "alternate.content"},
		{line(), "?method=POST", fields("content", good) + "&content=1", nil, 400, "alternate.form"},
		{line(), "?method=POST", fields("content", good) + "&content=", nil, 400, "alternate.form"},
		{line(), "?method=POST", fields("content", good) + "&authorization=x", nil, 400, "alternate.form"},
		{line(), "?method=POST", fields("content", good) + "&a=1&a=1", nil, 400, "alternate.form"},
		{line(), "?method=POST", fields("content", good) + "&a=%4", nil, 400, "alternate.form"},
		{line(), "?method=POST", fields("content", good) + "&a=%zz", nil, 400, "alternate.form"},
		{line(), "?method=POST", fields("content", good) + "&If-Match=a%0d%0aX:y", nil, 400, "alternate.form"},
		{line(), "?method=POST", fields("content", good) + many, nil, 413, "limit.form"},
		{line(), "?method=POST", fields("content", good) + "&a=" + strings.Repeat("b", formParameters), nil, 413, "limit.form"},
		{line(), "?method=POST", fields("content", strings.Repeat(" ", 8<<20)), authorized, 413, "limit.body"},
		{line(), "?method=POST", fields("content", strings.Repeat(" ", 1<<20)), nil, 413, "limit.form_body"},
		{line(), "?method=POST", fields("content", good, "X-Experience-API-Version", "2.0.0"), nil, 400, "alternate.version"},
		{line(), "?method=POST", fields("content", good, "X-Experience-API-Version", "0.8"), func(r *http.Request) { r.Header.Set(versionHeader, version1) }, 400, "request.version"},
		{line(), "?method=POST", fields("content", good, "X-Experience-API-Version", ""), nil, 400, "request.version"},
		{line(), "?method=POST", fields("content", good, "Authorization", "Basic eDp5"), func(r *http.Request) { r.SetBasicAuth("key", "secret") }, 400, "request.credentials_several"},
		{line(), "?method=POST", fields("content", good), func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 400, "request.credentials_several"},
		{line(), "?method=POST", fields("content", good), func(r *http.Request) {
			r.SetBasicAuth("key", "secret")
			r.Header.Add("Authorization", "Basic eDp5")
		}, 400, "request.credentials_several"},
		{line(), "?method=POST", fields("content", good, "Authorization", "Basic eDp5"), nil, 401, "request.credentials"},
		{line(), "?method=POST", fields("content", good, "Content-Type", "text/plain"), nil, 400, "request.content_type"},
		{line(), "?method=POST", fields("content", good, "statementId", someID), nil, 400, "request.parameter"},
		{line(), "?method=PUT", fields("content", good), nil, 400, "request.parameter"},
		{line(), "?method=POST", fields("content", "[\"\xff\"]"), nil, 400, "json.unicode"},
	}
	e := newEndpoint(t, nil)
	for _, row := range rows {
		if w := e.form(row.query, row.body, row.edit); w.Code != row.status || code(w) != row.code {
			t.Errorf("line %d: got %d %s, want %d %s", row.line, w.Code, code(w), row.status, row.code)
		}
	}
	if n := len(e.out.topic(topics.Statements)); n > 0 {
		t.Errorf("%d records were produced", n)
	}
}

func authorized(r *http.Request) { r.SetBasicAuth("key", "secret") }

// ★ Of a form whose sender its header does not prove little is read, whatever
// the form says; of another one as much as of every body. What may pass later is
// not refused for good.
func TestAlternateUnknown(t *testing.T) {
	large := fields("content", batchOf(with("result", `{"response":"`+strings.Repeat("x", 3<<10)+`"}`)))
	most := fields("content", with("result", `{"response":"`+strings.Repeat("é", 125<<10)+`"}`))
	for _, row := range []struct {
		line  int
		body  string
		known error
		edit  func(*http.Request)
		code  string
	}{
		{line(), large, nil, nil, "limit.form_body"},
		{line(), large, nil, func(r *http.Request) { r.Header.Set("Authorization", "null") }, "limit.form_body"},
		{line(), large, nil, func(r *http.Request) { r.SetBasicAuth("key", "wrong") }, "limit.form_body"},
		{line(), large, nil, authorized, ""},
		{line(), large, publishers.ErrNotReady, authorized, "unavailable.starting"},
		{line(), most, nil, nil, ""},
	} {
		for _, chunked := range []bool{true, false} {
			e := newEndpoint(t, nil)
			e.keys.err = row.known
			in := &counted{Reader: strings.NewReader(row.body)}
			w := e.form("?method=POST", row.body, func(r *http.Request) {
				if r.Body = io.NopCloser(in); chunked {
					r.ContentLength = -1
				}
				if row.edit != nil {
					row.edit(r)
				}
			})
			if code(w) != row.code || row.code != "" && in.n > formUnknown+1<<10 {
				t.Errorf("line %d: %d %q after %d bytes", row.line, w.Code, code(w), in.n)
			}
		}
	}
}

// counted notes how much is read of it.
type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

func FuzzForm(f *testing.F) {
	f.Add(fields("statementId", someID, "content", statement("é", "")))
	f.Add("content=%")
	f.Add("a+b=%41&&=&content=%00")
	f.Add("Authorization=a&authorization=b")
	f.Fuzz(func(t *testing.T, text string) {
		got, p := parseForm([]byte(text))
		if p != nil {
			return
		}
		want, err := url.ParseQuery(text)
		if strings.Contains(text, ";") {
			return // net/url refuses these; they are plain characters in a form
		}
		if err != nil || want.Get("content") != string(got.content) {
			t.Fatalf("%q: content %q, want %q (%v)", text, got.content, want.Get("content"), err)
		}
		for name := range got.parameters {
			if got.parameters.Get(name) != want.Get(name) {
				t.Fatalf("%q: %q is %q, want %q", text, name, got.parameters.Get(name), want.Get(name))
			}
		}
	})
}
