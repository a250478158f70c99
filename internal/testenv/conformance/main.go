// Command conformance reads the logs of xAPI's conformance suite, explains each
// test that failed by a table of reasons, and writes the lists of
// docs/conformance.md between its two marks. It exits with 1, and leaves the
// page as it is, when a failure has no reason or a reason no failure.
//
// The failures of each version also go to a file of their own in the folder
// that -failures names.
//
//	conformance -reasons FILE [-out FILE] [-failures DIR] [-suite COMMIT] [-brume COMMIT] VERSION=LOG...
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	reasons := flag.String("reasons", "", "table of reasons")
	out := flag.String("out", "", "page that takes the lists")
	failures := flag.String("failures", "", "folder that takes the list of each version's failures")
	suite := flag.String("suite", "", "commit of the suite")
	brume := flag.String("brume", "", "commit of Brume")
	flag.Parse()
	fit, err := report(*reasons, *out, *failures, heading{*suite, *brume, time.Now()}, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(2)
	}
	if !fit {
		os.Exit(1)
	}
}

// report says whether failures and reasons fit each other.
func report(reasons, out, failures string, h heading, args []string) (fit bool, err error) {
	text, err := os.ReadFile(reasons)
	if err != nil {
		return false, fmt.Errorf("reading the reasons: %w", err)
	}
	t, err := parseTable(string(text))
	if err != nil {
		return false, fmt.Errorf("reading the reasons: %w", err)
	}
	fit = true
	var runs []run
	for _, arg := range args {
		version, path, _ := strings.Cut(arg, "=")
		r, err := readRun(version, path)
		if err != nil {
			return false, err
		}
		runs = append(runs, r)
		fmt.Printf("xAPI %s: %d tests, %d passed, %d failed, %d not run\n", version, r.total, r.passed, len(r.failed), r.skipped())
		if failures != "" {
			if err := os.WriteFile(filepath.Join(failures, version+".txt"), []byte(strings.Join(r.failed, "\n")+"\n"), 0o644); err != nil {
				return false, fmt.Errorf("writing the failures: %w", err)
			}
		}
		for _, line := range t.compare(r) {
			fit = false
			fmt.Fprintln(os.Stderr, line)
		}
	}
	if !fit || out == "" {
		return fit, nil
	}
	return true, put(out, page(h, t, runs))
}
