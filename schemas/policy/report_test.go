package policy

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brume/schemas/registry"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestReportText holds the text of two built-in plans to golden files.
func TestReportText(t *testing.T) {
	for name, p := range map[string]*Policy{"epsilon-2": mustDefault(t, "2021-2022-epsilon-2"), "design": designPolicy(t)} {
		plan, err := p.Plan()
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		r := plan.Report(nil)
		for i := range r.Families {
			r.Families[i].Unsupported = "" // TestSupported holds what is folded
		}
		if err := r.WriteText(&got); err != nil {
			t.Fatal(err)
		}
		path := "testdata/" + name + ".plan.txt"
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-want, +got)\n%s", name, diff)
		}
	}
}

// TestReportJSON holds the field names that users of --json rely on.
func TestReportJSON(t *testing.T) {
	plan, err := mustDefault(t, "2026-2027").Plan()
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(plan.Report(registry.Demonstration(4)))
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Families []struct {
			Name      string  `json:"name"`
			SigmaCaps float64 `json:"sigma_caps"`
			Share     float64 `json:"share"`
			Errors    []struct {
				Level       string  `json:"level"`
				Error       float64 `json:"error"`
				Relative    float64 `json:"relative"`
				Publishable bool    `json:"publishable"`
			} `json:"expected_errors"`
		} `json:"families"`
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	f := r.Families[0]
	if f.Name != "school_week_active" || !near(f.SigmaCaps, 14.9, 0.005) || f.Share != 0.36 {
		t.Errorf("%+v", f)
	}
	// A 60-pupil school's weekly figure is not publishable, a 600-pupil one's is.
	for i, want := range []bool{false, true, true} {
		if e := f.Errors[i]; !near(e.Error, 14.9, 0.005) || e.Publishable != want {
			t.Errorf("%+v", e)
		}
	}
	if len(r.Families[1].Errors) != 3 {
		t.Errorf("a department family has errors at %+v, want small and large department and nation", r.Families[1].Errors)
	}
}
