package portal_test

import (
	"bufio"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/schema_validation"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"

	"brume/ingest"
	"brume/ingest/portal"
	"brume/ingest/publishers"
)

// described is the description that a server answers with.
type described struct {
	*testing.T
	model    *v3.Document
	validate validator.Validator
	codes    map[string]int
	seen     map[string]bool // "GET /path 200"
}

func describe(t *testing.T, s *site) *described {
	t.Helper()
	status, _, text := s.get("/publishers/openapi.json", publishers.Issued{})
	if status != http.StatusOK {
		t.Fatal(status)
	}
	document, err := libopenapi.NewDocument([]byte(text))
	check(t, err)
	model, err := document.BuildV3Model()
	check(t, err)
	v, errs := validator.NewValidator(document)
	for _, err := range errs {
		t.Fatal(err)
	}
	if ok, errs := v.ValidateDocument(); !ok {
		for _, e := range errs {
			t.Errorf("%s: %s %v", e.Message, e.Reason, e.SchemaValidationErrors)
		}
	}
	if document.GetVersion() != "3.1.0" {
		t.Errorf("version %s", document.GetVersion())
	}
	d := &described{t, &model.Model, v, map[string]int{}, map[string]bool{}}
	list, err := portal.Codes()
	check(t, err)
	for _, c := range list {
		d.codes[c.Name] = c.Status
	}
	return d
}

// operations are those of a path of the description.
func operations(item *v3.PathItem) map[string]*v3.Operation {
	out := map[string]*v3.Operation{}
	for method, op := range map[string]*v3.Operation{"GET": item.Get, "HEAD": item.Head, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete, "OPTIONS": item.Options} {
		if op != nil {
			out[method] = op
		}
	}
	return out
}

// try sends a request and compares the answer with the description.
func (d *described) try(s *site, want int, method, path, body string, key publishers.Issued, header ...string) {
	d.Helper()
	status, h, text := s.ask(method, path, body, key, header...)
	d.compare(want, status, method, path, text, h)
}

var staticFile = regexp.MustCompile(`^/publishers/static/[^/]+$`)

func (d *described) compare(want, status int, method, address, text string, h http.Header) {
	d.Helper()
	path, _, _ := strings.Cut(address, "?")
	if staticFile.MatchString(path) {
		path = "/publishers/static/{file}"
	}
	what := fmt.Sprintf("%s %s %d", method, path, status)
	if status != want {
		d.Errorf("%s %.60s: status %d, want %d: %.300s", method, address, status, want, text)
		return
	}
	item, ok := d.model.Paths.PathItems.Get(path)
	if !ok || operations(item)[method] == nil {
		d.Errorf("%s is not described", what)
		return
	}
	answer, ok := operations(item)[method].Responses.Codes.Get(fmt.Sprint(status))
	if !ok {
		d.Errorf("%s is not described", what)
		return
	}
	d.seen[what] = true
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	described := answer.Content != nil && answer.Content.Len() > 0
	if _, ok := mediaType(answer, kind); method != http.MethodHead && (text != "" || described) && !ok {
		d.Errorf("%s: content type %q is not described", what, kind)
	}
	if answer.Headers != nil {
		for name, header := range answer.Headers.FromOldest() {
			if header.Required && h.Get(name) == "" {
				d.Errorf("%s: no header %s", what, name)
			}
		}
	}
	d.body(what, method, address, kind, text, status, h)
}

func mediaType(r *v3.Response, kind string) (*v3.MediaType, bool) {
	if r.Content == nil {
		return nil, false
	}
	return r.Content.Get(kind)
}

// body checks the body against its schema, and that a problem is in the table.
func (d *described) body(what, method, address, kind, text string, status int, h http.Header) {
	d.Helper()
	switch {
	case kind == "application/x-ndjson":
		d.lines(what, text)
		return
	case method == http.MethodHead || !strings.HasSuffix(kind, "json"):
		return
	}
	answer := &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(text))}
	if ok, errs := d.validate.ValidateHttpResponse(httptest.NewRequest(method, address, nil), answer); !ok {
		for _, e := range errs {
			d.Errorf("%s: %s %s %v", what, e.Message, e.Reason, e.SchemaValidationErrors)
		}
	}
	if kind == "application/problem+json" {
		_, code, _ := strings.Cut(text, `"code":"`)
		code, _, _ = strings.Cut(code, `"`)
		if d.codes[code] != status {
			d.Errorf("%s: code %q, which the table lists with %d", what, code, d.codes[code])
		}
	}
}

// lines checks an answer to lines: results, and the summary last.
func (d *described) lines(what, text string) {
	d.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		name := "lineResult"
		if i == len(lines)-1 {
			name = "summary"
		}
		schema, ok := d.model.Components.Schemas.Get(name)
		if !ok {
			d.Fatalf("no schema %s", name)
		}
		if ok, errs := schema_validation.NewSchemaValidator().ValidateSchemaString(schema.Schema(), line); !ok {
			d.Errorf("%s: %s: %v", what, line, errs[0].SchemaValidationErrors)
		}
	}
}

// TestOpenAPI: the description is valid, every operation that it has is
// answered with every status it names, and nothing is answered that it lacks.
func TestOpenAPI(t *testing.T) {
	s := newSite(t, func(c *ingest.Config) { c.Body, c.Bulk = 64<<10, 64<<10 })
	d := describe(t, s)
	for name, drive := range map[string]func(*described, *site){"taken": sent, "refused": refusedRequests, "read": readBack, "others": others, "pages": pages, "unready": unready, "slow": slow} {
		t.Run(name, func(t *testing.T) {
			within := *d
			within.T = t
			drive(&within, s)
		})
	}
	for path, item := range d.model.Paths.PathItems.FromOldest() {
		for method, op := range operations(item) {
			for status := range op.Responses.Codes.FromOldest() {
				if what := method + " " + path + " " + status; !d.seen[what] {
					t.Errorf("%s is described and was not seen", what)
				}
			}
		}
	}
}

// TestEveryRouteIsDescribed reads the routes out of the source.
func TestEveryRouteIsDescribed(t *testing.T) {
	s := newSite(t, nil)
	d := describe(t, s)
	var routes []string
	for file, pattern := range map[string]string{"../routes.go": `mux\.Handle\("(/[^"]+[a-z])"`, "routes.go": `"([a-z.{}$/]+)": p\.`} {
		source, err := os.ReadFile(file)
		check(t, err)
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(source), -1) {
			routes = append(routes, strings.Replace(m[1], "{$}", "", 1))
		}
	}
	source, err := os.ReadFile("../routes.go")
	check(t, err)
	_, list, _ := strings.Cut(string(source), "declined := range []string{")
	list, _, _ = strings.Cut(list, "}")
	for _, m := range regexp.MustCompile(`"([a-z/]+)"`).FindAllStringSubmatch(list, -1) {
		routes = append(routes, "/xapi/"+m[1])
	}
	if len(routes) < 16 {
		t.Fatalf("routes not found in the source: %q", routes)
	}
	known := map[string]bool{}
	for _, route := range routes {
		if !strings.HasPrefix(route, "/") {
			route = portal.Root + route
		}
		known[route] = true
		if _, ok := d.model.Paths.PathItems.Get(route); !ok {
			t.Errorf("%s is not described", route)
		}
	}
	for path, item := range d.model.Paths.PathItems.FromOldest() {
		if !known[path] {
			t.Errorf("%s is described and is no route", path)
		}
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
			status, _, _ := s.ask(method, path, "", publishers.Issued{})
			_, described := operations(item)[method]
			if served := status != http.StatusMethodNotAllowed; served != described && !strings.HasPrefix(path, "/xapi/a") {
				t.Errorf("%s %s: served %v (%d), described %v", method, path, served, status, described)
			}
		}
	}
}

const readable = "9dc99b37-e920-4a68-a066-917faca28949"

var (
	asJSON  = []string{"Content-Type", "application/json", "X-Experience-API-Version", "1.0.3"}
	asLines = []string{"Content-Type", "application/x-ndjson", "X-Experience-API-Version", "1.0.3"}
	another = strings.Replace(statement, `{"actor"`, `{"id":"`+readable+`","result":{"success":false},"actor"`, 1) // of an id that is taken
)

func sent(d *described, s *site) {
	put := "/xapi/statements?statementId=" + readable
	d.try(s, 200, "POST", "/xapi/statements", statement, s.one, asJSON...)
	d.try(s, 204, "PUT", put, statement, s.one, asJSON...)
	d.try(s, 409, "PUT", put, strings.Replace(statement, "12", "13", 1), s.one, asJSON...)
	d.try(s, 409, "POST", "/xapi/statements", another, s.one, asJSON...)
	d.try(s, 200, "POST", "/ingest/ndjson", statement+"\n{}\n", s.one, asLines...)
	d.try(s, 200, "POST", "/xapi/validate", statement, s.one, asJSON...)
	d.try(s, 200, "POST", "/xapi/validate", wrong, s.one, asJSON...)
}

// refusedRequests are those that every way of sending statements refuses.
func refusedRequests(d *described, s *site) {
	admin := publishers.NewAdmin(s.kafka, time.Now)
	bound, err := admin.Give(d.Context(), "calcul", publishers.Grant{Limits: publishers.Limits{Schools: []string{"0139102Y"}}})
	check(d.T, err)
	slowly, err := admin.Give(d.Context(), "calcul", publishers.Grant{Limits: publishers.Limits{Rate: 1, Burst: 1}})
	check(d.T, err)
	for _, key := range []publishers.Issued{bound, slowly} {
		s.eventually("key known", func() bool { status, _, _ := s.get("/publishers/quality.json", key); return status == 200 })
	}
	big := `{"actor":{"name":"` + strings.Repeat("x", 65<<10) + `"}}`
	for _, to := range [][2]string{{"POST", "/xapi/statements"}, {"PUT", "/xapi/statements?statementId=" + readable}, {"POST", "/xapi/validate"}, {"POST", "/ingest/ndjson"}} {
		asJSON := headers(to[1])
		try := func(want int, body string, key publishers.Issued, header ...string) {
			d.Helper()
			d.try(s, want, to[0], to[1], body, key, header...)
		}
		if strings.HasPrefix(to[1], "/xapi/statements") {
			try(400, wrong, s.one, asJSON...)
			try(403, statement, bound, asJSON...)
		}
		try(400, statement, s.one, asJSON[:2]...)
		try(401, statement, publishers.Issued{}, asJSON...)
		try(413, big, s.one, asJSON...)
		try(400, statement, s.one, "Content-Type", "text/plain", "X-Experience-API-Version", "1.0.3")
		try(415, statement, s.one, append([]string{"Content-Encoding", "br"}, asJSON...)...)
		s.post(statement, slowly)
		try(429, statement, slowly, asJSON...)
	}
}

// headers are those that an address wants.
func headers(path string) []string {
	if path == "/ingest/ndjson" {
		return asLines
	}
	return asJSON
}

func readBack(d *described, s *site) {
	s.ask("PUT", "/xapi/statements?statementId="+readable, statement, s.one, asJSON...)
	version := []string{"X-Experience-API-Version", "2.0.0"}
	for _, method := range []string{"GET", "HEAD"} {
		d.try(s, 200, method, "/xapi/statements?statementId="+readable, "", s.one, version...)
		d.try(s, 200, method, "/xapi/statements?limit=2&attachments=true", "", s.one, version...)
		d.try(s, 200, method, "/xapi/statements", "", s.one, version...)
		d.try(s, 400, method, "/xapi/statements?nothing=1", "", s.one, version...)
		d.try(s, 401, method, "/xapi/statements", "", publishers.Issued{}, version...)
		d.try(s, 404, method, "/xapi/statements?statementId=00000000-0000-4000-8000-000000000000", "", s.one, version...)
		d.try(s, 414, method, "/xapi/statements?verb=a:"+strings.Repeat("b", 5000), "", s.one, version...)
	}
}

func others(d *described, s *site) {
	for _, path := range []string{"/xapi/statements", "/xapi/about", "/xapi/validate", "/ingest/ndjson"} {
		d.try(s, 204, "OPTIONS", path, "", publishers.Issued{}, "Origin", "https://tool.example")
	}
	d.try(s, 200, "GET", "/xapi/about", "", publishers.Issued{})
	d.try(s, 200, "HEAD", "/xapi/about", "", publishers.Issued{})
	for path, item := range d.model.Paths.PathItems.FromOldest() {
		if strings.HasPrefix(path, "/xapi/a") && path != "/xapi/about" {
			for method := range operations(item) {
				d.try(s, 404, method, path, "", s.one, "X-Experience-API-Version", "1.0.3")
				d.try(s, 400, method, path, "", s.one)
			}
		}
	}
}

func pages(d *described, s *site) {
	_, _, page := s.get("/publishers/", publishers.Issued{})
	static := regexp.MustCompile(`/publishers/static/[^"]+`).FindAllString(page, -1)
	for _, method := range []string{"GET", "HEAD"} {
		for _, path := range append(static, "/publishers/", "/publishers/?lang=en", "/publishers/status", "/publishers/status.json", "/publishers/openapi.json", "/publishers/profile.jsonld") {
			d.try(s, 200, method, path, "", publishers.Issued{})
		}
		d.try(s, 404, method, "/publishers/static/none.css", "", publishers.Issued{})
		for _, path := range []string{"/publishers/quality", "/publishers/quality.json"} {
			d.try(s, 200, method, path, "", s.one)
			d.try(s, 401, method, path, "", publishers.Issued{})
		}
	}
	d.try(s, 400, "GET", "/publishers/quality.json?secret=x", "", s.one)
}

// unready drives an endpoint that does not know the publishers yet.
func unready(d *described, s *site) {
	web := httptest.NewServer(s.stranger().Handler())
	defer web.Close()
	there := *s
	there.url = web.URL
	for _, to := range [][2]string{{"POST", "/xapi/statements"}, {"PUT", "/xapi/statements?statementId=" + readable}, {"POST", "/xapi/validate"}, {"POST", "/ingest/ndjson"},
		{"GET", "/xapi/statements"}, {"HEAD", "/xapi/statements"}, {"GET", "/publishers/quality"}, {"HEAD", "/publishers/quality"}, {"GET", "/publishers/quality.json"}, {"HEAD", "/publishers/quality.json"}} {
		d.try(&there, 503, to[0], to[1], "", s.one, asJSON...)
	}
	_, _, text := there.get("/publishers/status.json", publishers.Issued{})
	if !strings.Contains(text, `"taking": false`) || !strings.Contains(text, "unavailable.starting") {
		d.Error(text)
	}
	d.try(&there, 200, "GET", "/publishers/status.json", "", publishers.Issued{})
}

// slow sends half a body and waits.
func slow(d *described, s *site) {
	web := httptest.NewUnstartedServer(s.server.Handler())
	web.Config.ReadTimeout = 300 * time.Millisecond
	web.Start()
	defer web.Close()
	for _, to := range [][2]string{{"POST", "/xapi/statements"}, {"PUT", "/xapi/statements?statementId=" + readable}, {"POST", "/xapi/validate"}, {"POST", "/ingest/ndjson"}} {
		r := httptest.NewRequest(to[0], to[1], nil)
		r.SetBasicAuth(s.one.Key.ID, s.one.Secret)
		c, err := net.Dial("tcp", web.Listener.Addr().String())
		check(d.T, err)
		fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: %s\r\nX-Experience-API-Version: 1.0.3\r\nContent-Length: 100\r\n\r\n{",
			to[0], to[1], r.Header.Get("Authorization"), headers(to[1])[1])
		answer, err := http.ReadResponse(bufio.NewReader(c), r)
		check(d.T, err)
		text, err := io.ReadAll(answer.Body)
		check(d.T, err)
		d.compare(408, answer.StatusCode, to[0], to[1], string(text), answer.Header)
		c.Close()
	}
}
