package policy

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReviewNamesEveryPlace breaks a printed policy in many ways at once, and
// holds what is said of it to a golden file: every fault, with its line.
func TestReviewNamesEveryPlace(t *testing.T) {
	text, err := DefaultText("2026-2027-epsilon-4")
	if err != nil {
		t.Fatal(err)
	}
	faulty := string(text)
	for _, change := range [][2]string{
		{"timezone: Europe/Paris", "timezone: Europe/Brume"},
		{"epsilon: 4", "epsilon: four"},
		{"delta: 1e-9", "delta: 1e-3"},
		{"max_error: 0.5\n", "max_eror: 0.5\n"},
		{"    share: 0.36\n", "    share: 3.6\n"},
		{"    cap: 10 #", "    cap: 10.5 #"},
		{"    by: [subject]", "    by: [subject, \"%d\"]"},
		{"name: department_week_active_by_tool", "name: \"department_week_%s_by_tool\""},
		{"    measure: scores\n", ""},
		{"- https://ent.lyon.example", "- ent.lyon.example"},
		{"        - 2026-W38\n", "        - 2026-W83\n"},
		{"{name: P2, first: 2026-W45,", "{name: P2, first: 2026-W46,"},
	} {
		if !strings.Contains(faulty, change[0]) {
			t.Fatalf("nothing to change: %q", change[0])
		}
		faulty = strings.Replace(faulty, change[0], change[1], 1)
	}
	_, err = Parse([]byte(faulty))
	if err == nil {
		t.Fatal("parsed")
	}
	const path = "testdata/faults.txt"
	if *update {
		if err := os.WriteFile(path, []byte(err.Error()+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, fault := os.ReadFile(path)
	if fault != nil {
		t.Fatal(fault)
	}
	if diff := cmp.Diff(string(want), err.Error()+"\n"); diff != "" {
		t.Errorf("(-want, +got)\n%s", diff)
	}
}
