package main

import (
	"bytes"
	"encoding/json/v2"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"brume/anonymize/budget"
	"brume/schemas/policy"
)

// policyRun runs brume policy and gives what it prints.
func policyRun(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"policy"}, args...))
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

// One's own policy begins with a printed one: it is checked and planned as that
// one is, and a change of ε is seen.
func TestPolicyCommands(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.yaml")
	for _, name := range policy.BuiltIn() {
		text, err := policyRun(t, "print", name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		built, err := policyRun(t, "plan", name)
		if err != nil {
			t.Fatal(err)
		}
		if own, err := policyRun(t, "plan", file); err != nil || own != built {
			t.Errorf("%s from a file plans otherwise (%v):\n%s", name, err, own)
		}
		if out, err := policyRun(t, "check", file); err != nil || !strings.Contains(out, "no fault") {
			t.Errorf("%s: check says %q (%v)", name, out, err)
		}
	}
	if _, err := policyRun(t, "print", "2026-2027-epsilon-3"); err == nil {
		t.Error("printed a policy that does not exist")
	}
}

// The names of the fields that others rely on.
func TestPolicyPlanJSON(t *testing.T) {
	out, err := policyRun(t, "plan", "2026-2027-epsilon-4", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Families []struct {
			Name      string  `json:"name"`
			SigmaCaps float64 `json:"sigma_caps"`
			Share     float64 `json:"share"`
			Errors    []struct {
				Level       string  `json:"level"`
				Relative    float64 `json:"relative"`
				Publishable bool    `json:"publishable"`
			} `json:"expected_errors"`
		} `json:"families"`
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Families) != 13 {
		t.Fatalf("%d families", len(report.Families))
	}
	for _, f := range report.Families {
		if f.Name == "" || f.SigmaCaps <= 0 || f.Share <= 0 || len(f.Errors) < 3 || f.Errors[0].Level == "" || f.Errors[0].Relative <= 0 {
			t.Errorf("incomplete: %+v", f)
		}
	}
}

// What a change says is spent is what the gate charges for the same releases.
func TestChangeSpendsWhatTheGateCharges(t *testing.T) {
	plan, err := planOf("2026-2027-epsilon-4")
	if err != nil {
		t.Fatal(err)
	}
	change, err := changeFrom(plan, "2026-2027-epsilon-4", "2027-W14")
	if err != nil {
		t.Fatal(err)
	}
	account, paid := budget.NewAccount(plan.LimitNano), map[budget.Cost]bool{}
	charge := func(w policy.Window) {
		var costs []budget.Cost
		for _, cost := range budget.Costs(plan, w) {
			if w.Cadence == policy.YearStream && paid[cost] {
				continue // a stream is paid once in a zone
			}
			paid[cost] = true
			costs = append(costs, cost)
		}
		if err := account.Charge(costs); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range plan.Policy.Windows(policy.Weekly) {
		if w.Label > "2027-W14" {
			break
		}
		charge(w)
		w.Cadence = policy.YearStream
		charge(w)
	}
	for _, w := range plan.Policy.Windows(policy.Periodic)[:4] { // P4 has begun: it ends under the policy before
		charge(w)
	}
	for _, z := range change.Zones {
		if z.SpentNano != account.SpentBy(z.Zone) || z.SpentNano == 0 {
			t.Errorf("zone %s: %d spent, the gate charges %d", z.Zone, z.SpentNano, account.SpentBy(z.Zone))
		}
	}
}

func TestPolicyChangeCommand(t *testing.T) {
	out, err := policyRun(t, "plan", "2026-2027-epsilon-4", "--against", "2026-2027-epsilon-4", "--closed", "2026-W45")
	if err != nil || !strings.Contains(out, "It fits: the year ends at ε = 4.000 of 4.") {
		t.Errorf("%v\n%s", err, out)
	}
	less, err := policyRun(t, "print", "2026-2027-epsilon-2")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "less.yaml")
	less = strings.Replace(less, "school_stream_ever_active", "school_stream_again", 1)
	if err := os.WriteFile(file, []byte(less), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err = policyRun(t, "plan", file, "--against", "2026-2027-epsilon-4", "--closed", "2027-W14")
	if !errors.Is(err, errDoesNotFit) || !strings.Contains(out, "more than ε = 2 is already spent") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, args := range [][]string{
		{"--against", "2026-2027"}, {"--closed", "2026-W45"},
		{"--against", "2026-2027", "--closed", "2026-W54"}, {"--against", "2021-2022", "--closed", "2022-W01"},
	} {
		if out, err := policyRun(t, append([]string{"plan"}, args...)...); err == nil || out != "" {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}
