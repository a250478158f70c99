package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const someLog = `{"state":"finished","summary":{"total":6,"passed":2,"failed":3,"version":"1.0.3"},"log":{"title":"","tests":[
 {"title":"A (1)","status":"failed","tests":[{"title":"passes","status":"passed"},{"title":"fails\n  twice","status":"failed","error":"x"},{"title":"fails twice","status":"failed","error":"x"}]},
 {"title":"B","status":"failed","error":"preparing","tests":[{"title":"passes","status":"passed"}]}]}}`

const someReasons = "# comment\n= One.\n1.0.3\tA (1) > fails twice\n1.0.3\tA (1) > fails twice\n\n= Two.\n1.0.3\tB\n2.0.0\tB\n"

func TestReport(t *testing.T) {
	rows := []struct {
		name, log, reasons string
		fit                bool
		err                string
	}{
		{"all explained", someLog, someReasons, true, ""},
		{"one of two of the same name", someLog, strings.Replace(someReasons, "1.0.3\tA (1) > fails twice\n", "", 1), false, ""},
		{"a failure without a reason", someLog, strings.Replace(someReasons, "1.0.3\tB\n", "", 1), false, ""},
		{"a reason without a failure", someLog, someReasons + "1.0.3\tA (1) > passes\n", false, ""},
		{"a run that did not end", strings.Replace(someLog, "finished", "error", 1), someReasons, false, "to its end"},
		{"another version", strings.Replace(someLog, "1.0.3", "1.0.2", 1), someReasons, false, "to its end"},
		{"counts that differ", strings.Replace(someLog, `"failed":3`, `"failed":2`, 1), someReasons, false, "add up"},
		{"no table", someLog, "1.0.3\tB\n", false, "line 1"},
	}
	for _, row := range rows {
		dir := t.TempDir()
		write := func(name, text string) string {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		const before = "words " + beginMark + "old" + endMark + " more"
		log, reasons, out := write("log", row.log), write("reasons", row.reasons), write("page", before)
		fit, err := report(reasons, out, dir, heading{"abc", "def", time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)}, []string{"1.0.3=" + log})
		if fit != row.fit || (err == nil) != (row.err == "") || err != nil && !strings.Contains(err.Error(), row.err) {
			t.Errorf("%s: %v %v", row.name, fit, err)
		}
		if list, _ := os.ReadFile(filepath.Join(dir, "1.0.3.txt")); row.err == "" && string(list) != "A (1) > fails twice\nA (1) > fails twice\nB\n" {
			t.Errorf("%s: failures %q", row.name, list)
		}
		page, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if !row.fit {
			if string(page) != before {
				t.Errorf("%s: the page was written", row.name)
			}
			continue
		}
		for _, want := range []string{"words ", " more", "2026-09-01", "`abc`", "`def`", "| 1.0.3 | 6 | 2 | 3 | 1 |", "### One.", "1.0.3, 2 failed:", "- B\n"} {
			if !strings.Contains(string(page), want) {
				t.Errorf("the page lacks %q:\n%s", want, page)
			}
		}
	}
}

// The page and the table that are committed agree.
func TestCommitted(t *testing.T) {
	read := func(path string) string {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", path))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	table, err := parseTable(read("deploy/dev/conformance.reasons"))
	if err != nil {
		t.Fatal(err)
	}
	page := read("docs/conformance.md")
	for _, version := range []string{"1.0.3", "2.0.0"} {
		failed := 0
		for test, n := range table.known[version] {
			failed += n
			if !strings.Contains(page, "\n- "+markdown.Replace(test)+"\n") {
				t.Errorf("%s: the page lacks %q", version, test)
			}
		}
		row := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(version) + ` \| \d+ \| \d+ \| (\d+) \|`).FindStringSubmatch(page)
		if row == nil || row[1] != strconv.Itoa(failed) {
			t.Errorf("%s: the page counts %v failures, the table explains %d", version, row, failed)
		}
	}
}
