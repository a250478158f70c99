package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// table is why tests fail.
type table struct {
	reasons []reason
	known   map[string]map[string]int // version → test → how many of that name
}

// reason explains tests.
type reason struct {
	text  string
	tests map[string][]string // by version
}

// parseTable reads the table: a line "= TEXT" begins a reason, the lines
// "VERSION<tab>TEST" below it are what it explains; # begins a comment.
func parseTable(text string) (table, error) {
	t := table{known: map[string]map[string]int{}}
	for i, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		if said, ok := strings.CutPrefix(line, "= "); ok {
			t.reasons = append(t.reasons, reason{said, map[string][]string{}})
			continue
		}
		version, test, ok := strings.Cut(line, "\t")
		if !ok || len(t.reasons) == 0 {
			return t, fmt.Errorf("line %d: want \"= reason\" or, below one, a version, a tab and a test", i+1)
		}
		r := &t.reasons[len(t.reasons)-1]
		r.tests[version] = append(r.tests[version], test)
		if t.known[version] == nil {
			t.known[version] = map[string]int{}
		}
		t.known[version][test]++
	}
	if len(t.reasons) == 0 {
		return t, errors.New("no reason at all")
	}
	return t, nil
}

// compare lists the failures without a reason and the reasons without a
// failure.
func (t *table) compare(r run) (lines []string) {
	left := maps.Clone(t.known[r.version])
	if left == nil {
		left = map[string]int{}
	}
	for _, test := range r.failed {
		left[test]--
	}
	for _, test := range slices.Sorted(maps.Keys(left)) {
		switch n := left[test]; {
		case n < 0:
			lines = append(lines, "failed, and nothing says why:\t"+r.version+"\t"+test)
		case n > 0:
			lines = append(lines, "passes, and a reason says why it fails:\t"+r.version+"\t"+test)
		}
	}
	return lines
}
