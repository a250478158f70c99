package ingest

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"brume/schemas/topics"
)

// mixed is a multipart body of a statement and its attachment's content, both
// with a canary.
func mixed(content string) string {
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
	return "--b\r\nContent-Type: application/json\r\n\r\n" + statement("4711", fmt.Sprintf(`,"attachments":[{"usageType":"https://a.example/CANARY",
"display":{"fr":"CANARY"},"contentType":"text/plain","length":%d,"sha2":%q}]`, len(content), hash)) +
		"\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: " + hash + "\r\n\r\n" + content + "\r\n--b--\r\n"
}

func multipart(r *http.Request) { r.Header.Set("Content-Type", "multipart/mixed; boundary=b") }

// A statement with its attachment is taken as without; nothing of the
// attachment is anywhere after.
func TestMultipart(t *testing.T) {
	e := newEndpoint(t, nil)
	body := mixed("CANARY content")
	ids(t, e.send(http.MethodPost, "/xapi/statements", body, multipart))
	w := e.send(http.MethodPut, "/xapi/statements?statementId="+someID, body, multipart)
	if w.Code != http.StatusNoContent {
		t.Errorf("PUT: %d %s", w.Code, w.Body)
	}
	if n := len(e.opened(t)); n != 2 {
		t.Errorf("%d events, want 2", n)
	}
	var text strings.Builder
	for _, broken := range []string{"CANARY content", `"length":14`, "text/plain", "binary", "Content-Transfer-Encoding: binary", "X-Experience", "--b", "boundary", "}"} {
		text.WriteString(e.send(http.MethodPost, "/xapi/statements", strings.Replace(body, broken, "CANARY", 1), multipart).Body.String())
	}
	for _, r := range e.out.topic(topics.Statements) {
		text.Write(r.value)
	}
	fmt.Fprintf(&text, "%s %+v", e.log, e.Counts())
	if strings.Contains(text.String(), "CANARY") {
		t.Errorf("a canary leaks: %s", text.String())
	}
}

// Every answer to a multipart request that is not taken has its code.
func TestMultipartRefused(t *testing.T) {
	e := newEndpoint(t, nil)
	body := mixed("content")
	kind := func(v string) func(*http.Request) { return func(r *http.Request) { r.Header.Set("Content-Type", v) } }
	rows := []struct {
		line   int
		body   string
		edit   func(*http.Request)
		status int
		code   string
	}{
		{line(), body, kind("multipart/form-data; boundary=b"), 400, "request.content_type"},
		{line(), body, kind("multipart/mixed;"), 400, "multipart.boundary"},
		{line(), body, kind("multipart/mixed; boundary=b; boundary=c"), 400, "request.content_type"},
		{line(), strings.Replace(body, "\r\ncontent\r\n", "\r\nContent\r\n", 1), multipart, 400, "multipart.hash"},
		{line(), strings.Replace(body, "--b\r\n", "--b\r\nX: "+strings.Repeat("x", 20<<10)+"\r\n", 1), multipart, 413, "limit.part_header"},
		{line(), strings.Replace(body, "--b--", "--b\r\nContent-Type: a/b\r\n\r\n\r\n--b--", 1), multipart, 400, "multipart.transfer_encoding"},
		{line(), mixed(strings.Repeat("x", 5<<20+1)), multipart, 413, "limit.part"},
		{line(), body + strings.Repeat("x", 8<<20), multipart, 413, "limit.body"},
		{line(), statement("1", `,"attachments":[{"usageType":"a:b","display":{},"contentType":"a/b","length":1,"sha2":"`+strings.Repeat("a", 64)+`"}]`), nil, 400, "attachment.content"},
	}
	for _, row := range rows {
		w := e.send(http.MethodPost, "/xapi/statements", row.body, row.edit)
		if w.Code != row.status || code(w) != row.code {
			t.Errorf("line %d: got %d %s, want %d %s", row.line, w.Code, code(w), row.status, row.code)
		}
	}
	if n := len(e.out.topic(topics.Statements)); n > 0 || e.Counts().Refused != int64(len(rows)) {
		t.Errorf("%d records, counts %+v", n, e.Counts())
	}
}
