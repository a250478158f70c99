package policy

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// designRows names the built-in family of each row of the design's table.
var designRows = map[string]string{
	"department, week: active pupils by level":                       "department_week_active_by_level",
	"department, week: active by level × subject (≤ 4 subjects)":     "department_week_active_by_level_subject",
	"department, week: active by tool (≤ 3)":                         "department_week_active_by_tool",
	"department, week: (successes, failures) by subject, joint clip": "department_week_outcomes_by_subject",
	"department, week: minutes by subject, joint clip":               "department_week_minutes_by_subject",
	"department, week: 10-bin score histogram by subject":            "department_week_scores_by_subject",
	"school, week: active pupils":                                    "school_week_active",
	"school, half-term (5 a year): active by level":                  "school_period_active_by_level",
	"school, half-term: active by subject (≤ 4)":                     "school_period_active_by_subject",
	"school, half-term: (successes, failures)":                       "school_period_outcomes",
	"school, half-term: minutes":                                     "school_period_minutes",
	"school, half-term: 10-bin score histogram":                      "school_period_scores",
	"school, year stream: ever active since September":               "school_stream_ever_active",
}

// number is a figure as the table prints it.
var number = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)?`)

// printed says whether x, rounded to as many decimals as the text has, is the text.
func printed(x float64, text string) bool {
	_, decimals, _ := strings.Cut(text, ".")
	return strconv.FormatFloat(x, 'f', len(decimals), 64) == text
}

// TestDesignTable holds the built-in plan to the table of the design's privacy
// page, both calendars: its rows and no others, N × Δ², share, and σ to the last
// printed digit.
func TestDesignTable(t *testing.T) {
	table, err := os.ReadFile("testdata/design.table.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(table), "**", "")), "\n")[2:]
	for _, year := range years {
		plan, err := mustDefault(t, year+"-epsilon-4").Plan()
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != len(plan.Families) {
			t.Errorf("%s: %d families, the table has %d", year, len(plan.Families), len(rows))
		}
		for _, row := range rows {
			columns := strings.Split(strings.Trim(row, "| "), " | ")
			f, ok := plan.Family(designRows[columns[0]])
			if !ok {
				t.Errorf("%s: no family for %q", year, columns[0])
				continue
			}
			cost, sigmas := number.FindAllString(columns[1], -1), number.FindAllString(columns[3], -1)
			share := fmt.Sprintf("%.4g %%", 100*f.Share)
			if strconv.Itoa(f.Windows) != cost[0] || !printed(f.Delta2Caps, cost[1]) || share != columns[2] || !printed(f.SigmaCaps, sigmas[0]) {
				t.Errorf("%s: planned %d × %v, %s, σ = %v; want\n%s", f.Name, f.Windows, f.Delta2Caps, share, f.SigmaCaps, row)
			}
			if len(sigmas) > 1 && !printed(f.SigmaAt(f.Steps-1)/float64(f.Cap), sigmas[1]) {
				t.Errorf("%s: error of the last running total: %v; want\n%s", f.Name, f.SigmaAt(f.Steps-1), row)
			}
			formula := math.Sqrt(float64(f.Windows) * f.Delta2Caps / (f.Share * plan.Mu * plan.Mu))
			// Rounding the cost down to nano-μ² moves σ by less than N/(2·share·limit).
			if f.SigmaCaps < formula || !near(f.SigmaCaps, formula, 1e-5) || f.Sigma != f.SigmaCaps*float64(f.Cap) {
				t.Errorf("%s: σ = %v caps, %v units; the formula gives %v", f.Name, f.SigmaCaps, f.Sigma, formula)
			}
		}
	}
}

// TestProfiles: every built-in policy plans without a fault and none by force;
// those named after an ε promise it, spend all of it but a rounding, and share
// out exactly 100 %.
func TestProfiles(t *testing.T) {
	for _, name := range BuiltIn() {
		p := mustDefault(t, name)
		plan, err := p.Plan()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, epsilon, ok := strings.Cut(p.Name, "-epsilon-")
		if !ok {
			continue
		}
		if strconv.FormatFloat(p.Epsilon, 'g', -1, 64) != epsilon || p.Delta != 1e-9 {
			t.Errorf("%s promises ε = %v, δ = %v", name, p.Epsilon, p.Delta)
		}
		thousandths, planned := 0, int64(0)
		for _, f := range plan.Families {
			thousandth := math.Round(1000 * f.Share)
			if !near(f.Share, thousandth/1000, 1e-15) || f.Force {
				t.Errorf("%s: %s has a share of %v, force %v", name, f.Name, f.Share, f.Force)
			}
			thousandths += int(thousandth)
			planned += f.YearNano()
		}
		// Each cost is rounded down by less than 1 nano-μ² a window.
		if rounding := plan.LimitNano - planned; thousandths != 1000 || rounding < 0 || rounding > 36*int64(len(plan.Families)) {
			t.Errorf("%s: shares of %d ‰, %d nano-μ² left", name, thousandths, rounding)
		}
	}
	if _, err := Default("2026-2027-epsilon-3"); err == nil || !strings.Contains(err.Error(), "epsilon-2") {
		t.Errorf("an unknown profile: %v", err)
	}
}
