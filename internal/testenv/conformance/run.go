package main

import (
	"encoding/json/v2"
	"fmt"
	"os"
	"strings"
)

// run is what the suite says of one version of the specification.
type run struct {
	version       string
	total, passed int
	failed        []string // the titles of each failed test, outermost first, joined
}

// skipped is how many tests did not run, since what prepares them failed.
func (r *run) skipped() int { return r.total - r.passed - len(r.failed) }

// node is a group of tests, or a test.
type node struct {
	Title  string `json:"title"`
	Status string `json:"status"`
	Error  string `json:"error"`
	Tests  []node `json:"tests"`
}

// readRun reads a log. A run that did not end, or that does not add up, is an
// error: it proves nothing.
func readRun(version, path string) (run, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return run{}, fmt.Errorf("reading the log of %s: %w", version, err)
	}
	var log struct {
		State   string `json:"state"`
		Summary struct {
			Total, Passed, Failed int
			Version               string
		} `json:"summary"`
		Log node `json:"log"`
	}
	if err := json.Unmarshal(text, &log, json.MatchCaseInsensitiveNames(true)); err != nil {
		return run{}, fmt.Errorf("reading the log of %s: %w", version, err)
	}
	r := run{version: version, total: log.Summary.Total, passed: log.Summary.Passed}
	r.collect(&log.Log, nil)
	switch {
	case log.State != "finished" || log.Summary.Version != version || r.total == 0:
		return run{}, fmt.Errorf("the log is not that of a run of %s to its end", version)
	case len(r.failed) != log.Summary.Failed || r.skipped() < 0:
		return run{}, fmt.Errorf("the log of %s does not add up: %d failures listed, %d counted", version, len(r.failed), log.Summary.Failed)
	}
	return r, nil
}

// collect finds the failures. A group with an error of its own is one whose
// preparation failed.
func (r *run) collect(n *node, path []string) {
	if n.Title != "" {
		path = append(path[:len(path):len(path)], strings.Join(strings.Fields(n.Title), " "))
	}
	if n.Status == "failed" && (len(n.Tests) == 0 || n.Error != "") {
		r.failed = append(r.failed, strings.Join(path, " > "))
	}
	for i := range n.Tests {
		r.collect(&n.Tests[i], path)
	}
}
