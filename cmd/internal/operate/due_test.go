package operate_test

import (
	"strings"
	"testing"
	"time"

	"brume/cmd/internal/operate"
	"brume/schemas/policy"
	"brume/schemas/registry"
)

// withHalfTerms is the year's policy with a half-term and a year stream, too.
func withHalfTerms(t *testing.T) *policy.Plan {
	t.Helper()
	p, err := policy.Default("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	p.Families = p.Families[:1:1]
	p.Families[0].Share = 0.5
	for name, c := range map[string]policy.Cadence{"period": policy.Periodic, "ever": policy.YearStream} {
		p.Families = append(p.Families, policy.Family{
			Name: name, Cadence: c, Area: policy.BySchool, Measure: policy.Active, Cells: 1, Cap: 1, Share: 0.2, Force: true,
		})
	}
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func labels(windows []policy.Window) string {
	var out []string
	for _, w := range windows {
		out = append(out, w.Label)
	}
	return strings.Join(out, " ")
}

// TestDue: weeks close on the Thursday after at three, half-terms two weeks
// after the last zone's end, by the calendar's clock also where it is put back.
func TestDue(t *testing.T) {
	p := withHalfTerms(t).Policy
	for _, c := range []struct{ at, want string }{
		{"2026-09-10 02:59", ""},
		{"2026-09-10 03:00", "2026-W36"},
		{"2026-10-22 03:00", "2026-W42"},
		{"2026-11-01 23:59", "2026-W42"}, // P1 ended on 18 October; the clock went back on the 25th
		{"2026-11-02 00:00", "2026-W42 P1"},
		{"2027-07-18 23:59", "2027-W26 P4"},
		{"2027-07-19 00:00", "2027-W26 P5"},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, p.Location())
		if err != nil {
			t.Fatal(err)
		}
		if got := labels(operate.Due(p, at.UTC())); got != c.want {
			t.Errorf("at %s: %q, want %q", c.at, got, c.want)
		}
	}
	weekly, err := policy.Default("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	weekly.Families = weekly.Families[:1]
	if got := labels(operate.Due(weekly, time.Date(2027, 8, 1, 0, 0, 0, 0, time.UTC))); got != "2027-W26" {
		t.Errorf("a policy of weeks closes %q", got)
	}
}

func TestThrough(t *testing.T) {
	plan := withHalfTerms(t)
	for _, c := range []struct {
		through, want string
		releases      int
	}{
		{"2026-W38", "2026-W38", 2 * 3},
		{"2026-W42", "2026-W42", 2 * 7},      // P1 ends with this week
		{"2026-W45", "2026-W45 P1", 2*8 + 1}, // three weeks later, two of them holidays
		{"2027-06-20", "2027-W24 P4", 2*38 + 4},
		{"2027-07-05", "2027-W26 P5", 2*40 + 5}, // the year's last week
		{"P2", "P2", 2},
	} {
		w, err := plan.Policy.ParseThrough(c.through)
		if err != nil {
			t.Fatal(err)
		}
		if got := labels(operate.Through([]*policy.Plan{plan}, w)); got != c.want {
			t.Errorf("through %s: %q, want %q", c.through, got, c.want)
		}
		if got := operate.Releases([]*policy.Plan{plan}, registry.Demonstration(0), w); len(got) != c.releases {
			t.Errorf("through %s: %d releases, want %d", c.through, len(got), c.releases)
		}
	}
}
