package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var console = regexp.MustCompile("(?s)```console\n\\$ brume policy ([^\n]+)\n(.*?)```")

// TestPolicyPage runs every command that docs/policy.md shows, on the files that
// it speaks of, and expects what it shows: "…" stands for lines left out.
func TestPolicyPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, family, _ := strings.Cut(string(page), "```yaml\n")
	family, _, _ = strings.Cut(family, "```")
	t.Chdir(t.TempDir())
	own, err := policyRun(t, "print", "2026-2027-epsilon-4")
	if err != nil {
		t.Fatal(err)
	}
	write := func(file, text string, changes ...string) string {
		text = strings.NewReplacer(changes...).Replace(text)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return text
	}
	own = write("own.yaml", own, "name: 2026-2027-epsilon-4", "name: own-2026-2027", "share: 0.36", "share: 0.30",
		"  # Who was active", family+"  # Who was active")
	write("cube.yaml", own, "by: [tool]\n    measure: active\n    cells: 3\n    cap: 1\n    share: 0.06", "by: [level, subject, tool]\n    measure: active\n    cells: 3\n    cap: 1\n    share: 0.06")
	faulty := strings.Replace(own, "measure: active", "measure: activ", 1)
	write("faulty.yaml", faulty, "share: 0.30", "share: 0.94", "Europe/Paris", "Europe/Pari")
	shown := console.FindAllStringSubmatch(string(page), -1)
	if len(shown) != 4 {
		t.Errorf("the page shows %d commands", len(shown))
	}
	for _, block := range shown {
		got, err := policyRun(t, strings.Fields(block[1])...)
		if err != nil {
			got += "brume: " + err.Error() + "\n"
		}
		pattern := regexp.MustCompile(`(?m)^…\n`).ReplaceAllString(regexp.QuoteMeta(block[2]), "(?s:.*)")
		if !regexp.MustCompile("^" + pattern + "$").MatchString(got) {
			t.Errorf("brume policy %s prints\n%s", block[1], got)
		}
	}
}
