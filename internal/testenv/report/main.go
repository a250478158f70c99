// Command report reads the output of `go test -json` and prints it as plain
// `go test` would, with the reason of every skip and a last line of counts:
// "120 passed, 0 failed, 3 skipped". Tests that only group others are not
// counted. It exits with 1 when anything failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is one line of go test -json; see `go doc test2json`.
type event struct {
	Action, Package, ImportPath, Test, Output string
}

type id struct{ pkg, test string }

// report gathers what came out so far.
type report struct {
	out     io.Writer
	lines   map[id][]string // output of what has not ended yet
	parents map[id]bool     // tests that have subtests
	results map[id]string
	broken  int // packages that failed outside their tests
}

func main() {
	r := &report{out: os.Stdout, lines: map[id][]string{}, parents: map[id]bool{}, results: map[id]string{}}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var e event
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			fmt.Fprintln(r.out, in.Text())
			continue
		}
		r.add(e)
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "reading the tests' output:", err)
		os.Exit(2)
	}
	if !r.summary() {
		os.Exit(1)
	}
}

func (r *report) add(e event) {
	key := id{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "output":
		r.lines[key] = append(r.lines[key], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.endPackage(e, key)
		} else {
			r.endTest(e, key)
		}
	}
}

func (r *report) endTest(e event, key id) {
	if i := strings.LastIndexByte(e.Test, '/'); i >= 0 {
		r.parents[id{e.Package, e.Test[:i]}] = true
	}
	r.results[key] = e.Action
	if e.Action != "pass" {
		r.print(key, e.Action == "skip")
	}
	delete(r.lines, key)
}

// endPackage prints the package's own line, and on failure what its tests had
// printed when it ended under them.
func (r *report) endPackage(e event, key id) {
	if e.Action == "fail" {
		failed := false
		for other, result := range r.results {
			failed = failed || other.pkg == e.Package && result == "fail"
		}
		for other := range r.lines {
			if other.pkg == e.Package && other.test != "" {
				r.print(other, false)
				delete(r.lines, other)
			}
		}
		if !failed {
			r.broken++
		}
	}
	r.print(key, false)
	delete(r.lines, key)
}

// print writes the output of a test or package without the chatter that plain
// go test leaves out; of a skipped test, without its log.
func (r *report) print(key id, brief bool) {
	for _, line := range r.lines[key] {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(line, "=== ") || text == "PASS" || text == "" {
			continue
		}
		if brief && strings.Contains(text, "level=DEBUG") {
			continue
		}
		fmt.Fprint(r.out, line)
	}
}

// summary prints the counts and tells whether all is well.
func (r *report) summary() bool {
	counts := map[string]int{}
	for key, result := range r.results {
		if !r.parents[key] || result == "fail" && !r.failedBelow(key) {
			counts[result]++
		}
	}
	counts["fail"] += r.broken
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", counts["pass"], counts["fail"], counts["skip"])
	return counts["fail"] == 0 && counts["pass"] > 0
}

// failedBelow tells whether one of a test's subtests explains its failure.
func (r *report) failedBelow(parent id) bool {
	for key, result := range r.results {
		if result == "fail" && key.pkg == parent.pkg && strings.HasPrefix(key.test, parent.test+"/") {
			return true
		}
	}
	return false
}
