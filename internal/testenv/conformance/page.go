package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// The marks in the page around what is written.
const (
	beginMark = "<!-- make conformance writes from here -->"
	endMark   = "<!-- to here -->"
)

// heading says what was run and when.
type heading struct {
	suite, brume string
	when         time.Time
}

// page lists totals, then the failures by reason.
func page(h heading, t table, runs []run) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Run on %s, Brume at `%s`, suite at `%s`.\n\n", h.when.UTC().Format(time.DateOnly), h.brume, h.suite)
	b.WriteString("| xAPI | tests | passed | failed | not run |\n|---|---|---|---|---|\n")
	for _, r := range runs {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", r.version, r.total, r.passed, len(r.failed), r.skipped())
	}
	b.WriteString("\nA test is not run when what the suite does to prepare it failed; the failed\npreparation is in the lists.\n")
	for _, why := range t.reasons {
		fmt.Fprintf(&b, "\n### %s\n", why.text)
		for _, r := range runs {
			if len(why.tests[r.version]) == 0 {
				continue
			}
			fmt.Fprintf(&b, "\n%s, %d failed:\n\n", r.version, len(why.tests[r.version]))
			for _, test := range why.tests[r.version] {
				fmt.Fprintf(&b, "- %s\n", markdown.Replace(test))
			}
		}
	}
	return b.String()
}

var markdown = strings.NewReplacer("*", `\*`, "<", "&lt;", "_", `\_`, "`", "'")

// put writes a text between the marks of a page.
func put(path, text string) error {
	before, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the page: %w", err)
	}
	head, rest, ok1 := strings.Cut(string(before), beginMark)
	_, tail, ok2 := strings.Cut(rest, endMark)
	if !ok1 || !ok2 {
		return errors.New("the page lacks its marks")
	}
	return os.WriteFile(path, []byte(head+beginMark+"\n"+text+endMark+tail), 0o644)
}
