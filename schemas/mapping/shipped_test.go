package mapping

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// example marks a line of a shipped mapping that a publisher would uncomment.
var example = regexp.MustCompile(`(?m)^( *)#> `)

// filled returns a shipped mapping with its examples in force.
func filled(t testing.TB, name string) *Mapping {
	t.Helper()
	data, err := Source(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse(example.ReplaceAll(data, []byte("$1")))
	if err != nil {
		t.Fatalf("%s with its examples: %v", name, err)
	}
	return m
}

// Examples load as they stand, and every mapping for a tool that names no
// school by itself has some.
func TestExamples(t *testing.T) {
	for _, name := range ShippedNames() {
		m := filled(t, name)
		if len(m.School) == 0 {
			t.Errorf("%s: no rule finds a school, even with its examples", name)
		}
		for _, r := range m.School {
			for _, uai := range r.Table {
				if !strings.HasPrefix(uai, "0139") {
					t.Errorf("%s: example school %s is not one of the demonstration", name, uai)
				}
			}
		}
	}
}

// The mapping in the documentation loads, and every shipped one is in it.
func TestDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/mappings.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(page), "```yaml\n")
	yaml, _, ok := strings.Cut(after, "```")
	if !ok {
		t.Fatal("no example")
	}
	if _, err := Parse([]byte(yaml)); err != nil {
		t.Error(err)
	}
	for _, name := range ShippedNames() {
		if !strings.Contains(string(page), "| `"+name+"` |") {
			t.Errorf("%s is not in the table", name)
		}
	}
}
