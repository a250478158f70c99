package ingest

import (
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
