package main

import (
	"bytes"
	"encoding/json/v2"
	"testing"

	"brume/cmd/brume/audit/privacy"
)

// The whole path, small: what is published is what the auditor computes, in
// every family and cadence. Few schools bound μ hardly at all; the tests of
// package privacy hold the statistics.
func TestAuditPrivacy(t *testing.T) {
	var out bytes.Buffer
	root := newRoot()
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs([]string{"audit", "privacy", "--schools", "60", "--departments", "6", "--pupils", "300", "--weeks", "9", "--confidence", "0.999999", "--data", t.TempDir(), "--json"})
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	var r privacy.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	// Nine union weeks, their nine steps of the stream, and the half-terms.
	if r.Releases < 19 || r.Heads+r.Tails != 60 || len(r.Families) != 13 || r.Claim <= 0 || r.Planned < 0.9*r.Claim {
		t.Errorf("%+v", r)
	}
}
