package ingest

import (
	"encoding/json/v2"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"brume/ingest/portal"
	"brume/schemas/xapi"
)

var codeText = regexp.MustCompile(`^[a-z]+\.[a-z0-9_]+$`)

// written gives the codes that the source of the endpoint and of the
// validation can answer: what stands under Code, and what has a known family.
func written(t *testing.T, families map[string]bool) map[string]bool {
	t.Helper()
	found := map[string]bool{"internal": true}
	note := func(n ast.Node, whole bool) {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return
		}
		text, _ := strconv.Unquote(lit.Value)
		family, _, _ := strings.Cut(text, ".")
		if codeText.MatchString(text) && (whole || families[family]) {
			found[text] = true
		}
	}
	for _, root := range []string{".", "../schemas/xapi"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() && (d.Name() == "portal" || d.Name() == "testdata") {
				return filepath.SkipDir
			}
			if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if kv, ok := n.(*ast.KeyValueExpr); ok {
					if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Code" {
						note(kv.Value, true)
					}
				}
				note(n, false)
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// The publishers' table of errors lists every code that can be answered, and
// no other.
func TestEveryCodeIsDocumented(t *testing.T) {
	codes, err := portal.Codes()
	if err != nil {
		t.Fatal(err)
	}
	listed, families := map[string]int{}, map[string]bool{}
	for _, c := range codes {
		if _, twice := listed[c.Name]; twice {
			t.Errorf("%s is listed twice", c.Name)
		}
		if en, fr := c.Text("en"), c.Text("fr"); len(en) < 10 || len(fr) < 10 || en == fr {
			t.Errorf("%s has no text of its own in both languages: %q, %q", c.Name, fr, en)
		}
		listed[c.Name] = c.Status
		family, _, _ := strings.Cut(c.Name, ".")
		families[family] = true
	}
	found := written(t, families)
	for code := range found {
		if listed[code] == 0 {
			t.Errorf("%s can be answered and is not listed", code)
		}
	}
	for code, status := range listed {
		if !found[code] {
			t.Errorf("%s is listed and never answered", code)
		}
		if http.StatusText(status) == "" {
			t.Errorf("%s: no status %d", code, status)
		}
	}
	for code, want := range map[xapi.Code]int{xapi.TooLarge: 413, xapi.TooMany: 413, xapi.BadJSON: 400} {
		if p := invalid(xapi.Faults{{Code: code}}); p.Status != want || listed[string(code)] != want {
			t.Errorf("%s: answered with %d, listed with %d", code, p.Status, listed[string(code)])
		}
	}
}

// Every problem says in both languages what the table of its code says, and so
// do the errors that have no texts of their own.
func TestProblemsAreExplained(t *testing.T) {
	e := newEndpoint(t, nil)
	texts, err := newTexts()
	if err != nil {
		t.Fatal(err)
	}
	withID := `,"id":"` + someID + `"`
	e.post(statement("1", withID))
	rows := []struct{ method, url, body, code string }{
		{http.MethodDelete, "/xapi/statements", "", "request.method"},
		{http.MethodGet, "/xapi/statements?limit=x", "", "read.value"},
		{http.MethodGet, "/xapi/statements?token=x", "", "request.credentials_in_url"},
		{http.MethodGet, "/publishers/quality.json?token=x", "", "request.credentials_in_url"},
		{http.MethodGet, "/xapi/agents", "", "resource.declined"},
		{http.MethodPost, "/xapi/statements", "{", "json.syntax"},
		{http.MethodPost, "/xapi/statements", statement("2", withID), "statement.conflict"},
		{http.MethodPost, "/ingest/ndjson", "", "request.content_type"},
	}
	for _, row := range rows {
		w := e.send(row.method, row.url, row.body, nil)
		var p problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(row, err)
		}
		if en, fr := texts.of(row.code); p.Code != row.code || p.Detail != en || p.DetailFR != fr {
			t.Errorf("%s: got %s", row.code, w.Body)
		}
		for _, f := range p.Errors {
			if f.Message == "" || f.MessageFR == "" {
				t.Errorf("%s: %s", row.code, w.Body)
			}
		}
		if row.code == "read.value" && p.Parameter != "limit" {
			t.Errorf("the parameter is not named: %s", w.Body)
		}
	}
}
