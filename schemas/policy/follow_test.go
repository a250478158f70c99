package policy

import (
	"errors"
	"strings"
	"testing"
)

// following is a policy that replaces the design's from a week on.
func following(t *testing.T, from string, change func(*Policy)) *Policy {
	t.Helper()
	p := designPolicy(t)
	p.Name, p.From = p.Name+" from "+from, from
	if change != nil {
		change(p)
	}
	p, err := p.Clone()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestFirst: a window belongs to the policy in force when it begins, so that a
// half-term that has begun ends under the policy before.
func TestFirst(t *testing.T) {
	p := following(t, "2026-W47", nil)
	weeks, halves := p.Windows(Weekly), p.Windows(Periodic)
	if w := weeks[p.First(Weekly)]; w.Label != "2026-W47" {
		t.Errorf("the first week is %s", w.Label)
	}
	if s := p.Windows(YearStream)[p.First(YearStream)]; s.Label != "2026-W47" {
		t.Errorf("the first step is %s", s.Label)
	}
	monday := weeks[p.First(Weekly)].Start
	if i := p.First(Periodic); halves[i].Start.Before(monday) || !halves[i-1].Start.Before(monday) {
		t.Errorf("the first half-term is %s", halves[i].Label)
	}
	if q := designPolicy(t); q.First(Weekly) != 0 || q.First(Periodic) != 0 {
		t.Error("the first policy begins late")
	}
	if last := following(t, weeks[len(weeks)-1].Label, nil); last.First(Periodic) != len(halves) {
		t.Error("a half-term is left after the last week's beginning")
	}
	if p.Hash() == designPolicy(t).Hash() || p.Hash() == following(t, "2026-W48", func(q *Policy) { q.Name = p.Name }).Hash() {
		t.Error("the hash does not say from when on")
	}
}

// TestCheckSuccession: what may not change in mid-year is refused, all at once.
func TestCheckSuccession(t *testing.T) {
	first, other := planOf(t, designPolicy(t)), planOf(t, mustDefault(t, "2021-2022"))
	next := planOf(t, following(t, "2026-W47", func(p *Policy) { p.Families[0].Share /= 2 }))
	later := planOf(t, following(t, "2027-W10", nil))
	all := []*Plan{other, first, next, later}
	if err := CheckSuccession(all); err != nil {
		t.Error(err)
	}
	if p := Present(all); len(p) != 2 || p[0] != other || p[1] != later {
		t.Errorf("present: %v", p)
	}
	for week, want := range map[string]*Plan{"2026-W46": first, "2026-W47": next, "2027-W09": next, "2027-W10": later} {
		w := through(t, first.Policy, week)
		if got := Under(all, w); w.Label == week && got != want {
			t.Errorf("%s is under %s", week, got.Policy.Name)
		}
	}
	moved := following(t, "2026-W47", func(p *Policy) {
		p.Identity.HomePages = p.Identity.HomePages[:1]
		for i := range p.Calendar.Zones {
			p.Calendar.Zones[i].HalfTerms = nil
		}
		p.Families = p.Families[:7]
	})
	for want, plans := range map[string][]*Plan{
		"MUST be listed before it":    {next},
		"does not come after":         {first, later, next},
		"calendar: it cannot change":  {first, planOf(t, moved)},
		"identity: it cannot change":  {first, planOf(t, moved)},
		"does not come after that of": {first, first},
	} {
		if err := CheckSuccession(plans); !errors.Is(err, ErrChange) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := next.Against(first, through(t, first.Policy, "2026-W45")); !errors.Is(err, ErrChange) {
		t.Errorf("closed through another week than the one before: %v", err)
	}
	if c, err := next.Against(first, through(t, first.Policy, "2026-W46")); err != nil || !c.Fits {
		t.Errorf("%+v, %v", c, err)
	}
}
