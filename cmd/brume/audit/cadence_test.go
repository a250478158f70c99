package audit

import (
	"errors"
	"strings"
	"testing"

	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
)

// cadences plans one family of each cadence.
func cadences(t *testing.T) *policy.Plan {
	t.Helper()
	p, err := policy.Default("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.Clone(); err != nil {
		t.Fatal(err)
	}
	p.Families = nil
	for _, c := range []policy.Cadence{policy.Weekly, policy.Periodic, policy.YearStream} {
		p.Families = append(p.Families, policy.Family{
			Name: "family_" + string(c[:4]), Cadence: c, Area: policy.BySchool, Measure: policy.Active, Cells: 1, Cap: 1, Share: 0.3,
		})
	}
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// reserved is what a sound gate reserves for a window.
func reserved(plan *policy.Plan, w policy.Window, first bool) ledger.Reserved {
	r := ledger.Reserved{Release: string(policy.ReleaseID(w)), Year: w.Year, Window: w.Label, Plan: plan.PolicyHash}
	for _, f := range plan.Families {
		if f.Cadence != w.Cadence {
			continue
		}
		if w.Cadence == policy.YearStream {
			r.Streams, r.Step = append(r.Streams, f.Name), w.Index+1
		}
		for _, z := range plan.Policy.Calendar.Zones {
			if w.Cadence == policy.YearStream && first || w.Cadence != policy.YearStream && plan.Policy.InSession(z.Name, w) {
				r.Costs = append(r.Costs, ledger.Cost{Family: f.Name, Zone: z.Name, Nano: f.CostNanoMu2})
			}
		}
	}
	return r
}

// A year of every cadence is charged as planned, and each wrong charge found.
func TestChargesOfEveryCadence(t *testing.T) {
	plan := cadences(t)
	for _, tt := range []struct {
		name  string
		spoil func(week, half, first, second *ledger.Reserved)
		want  string
	}{
		{"sound", func(_, _, _, _ *ledger.Reserved) {}, ""},
		{"a half-term is not charged", func(_, half, _, _ *ledger.Reserved) { half.Costs = nil }, "was not charged"},
		{"a stream is charged at every step", func(_, _, first, second *ledger.Reserved) { second.Costs = first.Costs }, "was charged by"},
		{"a stream is never charged", func(_, _, first, _ *ledger.Reserved) { first.Costs = nil }, "was not charged"},
		{"a stream is charged in one zone", func(_, _, first, _ *ledger.Reserved) { first.Costs = first.Costs[:1] }, "was not charged"},
		{"a step that says it is another", func(_, _, _, second *ledger.Reserved) { second.Step++ }, "planned step 2"},
		{"a step of no stream", func(_, _, _, second *ledger.Reserved) { second.Streams = nil }, "of []"},
		{"a week as a step", func(week, _, _, _ *ledger.Reserved) { week.Step, week.Streams = 1, []string{"family_year"} }, "planned step 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			steps := plan.Policy.Windows(policy.YearStream)
			week := reserved(plan, plan.Policy.Windows(policy.Weekly)[0], true)
			half := reserved(plan, plan.Policy.Windows(policy.Periodic)[0], true)
			first, second := reserved(plan, steps[0], true), reserved(plan, steps[1], false)
			tt.spoil(&week, &half, &first, &second)
			p := plan.Policy
			l := &Ledger{Years: map[string]ledger.Year{p.SchoolYear: {Epsilon: p.Epsilon, Delta: p.Delta, LimitNano: plan.LimitNano}}}
			for _, r := range []ledger.Reserved{week, half, first, second} {
				l.Entries = append(l.Entries, &Entry{Reserved: r})
			}
			_, faults := l.CheckBudget([]*policy.Plan{plan})
			got := errors.Join(faults...)
			if tt.want == "" && got != nil || tt.want != "" && (got == nil || !strings.Contains(got.Error(), tt.want)) {
				t.Errorf("got %v, want %q", got, tt.want)
			}
		})
	}
}

// A stream's deviation grows by √(Σ f²) over the zone's own steps: 1, √1.25,
// √(1.25 + 0.140625); a holiday of the zone is no step.
func TestGrowthOfAStream(t *testing.T) {
	plan := cadences(t)
	reg := registry.Demonstration(1)
	l := &Ledger{}
	windows := plan.Policy.Windows(policy.YearStream)
	for i, w := range windows {
		l.Entries = append(l.Entries, &Entry{Reserved: reserved(plan, w, i == 0)})
	}
	school := reg.Schools[0]
	zone, n := zoneOf(plan, reg, school.UAI.String()), 0
	for _, w := range windows {
		if !plan.Policy.InSession(zone, w) {
			continue
		}
		variance := 0.0
		for _, f := range policy.Toeplitz(n + 1) {
			variance += f * f
		}
		n++
		if got := l.growth(plan, reg, l.Entries[0].Reserved.Streams[0], school.UAI.String(), w); got*got/variance-1 > 1e-12 || 1-got*got/variance > 1e-12 {
			t.Errorf("step %d: %v, want %v", n, got*got, variance)
		}
	}
	if n != 36 {
		t.Errorf("%d steps", n)
	}
}
