package policy

import (
	"fmt"
	"strings"
	"time"
)

// Through gives the last window of a cadence that ends at or before the instant.
func (p *Policy) Through(c Cadence, at time.Time) (Window, bool) {
	var last Window
	found := false
	for _, w := range p.Windows(c) {
		if !w.End.After(at) && (!found || w.Index > last.Index) {
			last, found = w, true
		}
	}
	return last, found
}

// ParseThrough reads the argument of `brume close --through`: an ISO week
// ("2026-W38") or a date ("2027-07-05"), and gives the last weekly window that
// ends on or before it; or a half-term's name ("P1"), and gives that half-term.
func (p *Policy) ParseThrough(s string) (Window, error) {
	for _, w := range p.Windows(Periodic) {
		if strings.EqualFold(w.Label, s) {
			return w, nil
		}
	}
	var end time.Time
	if day, err := time.ParseInLocation(time.DateOnly, s, p.Location()); err == nil {
		end = day.AddDate(0, 0, 1)
	} else if monday, err := weekStart(s, p.Location()); err == nil {
		end = monday.AddDate(0, 0, 7)
	} else {
		return Window{}, fmt.Errorf("%q is neither a week (2026-W38), a date (2027-07-05) nor a half-term of the policy", s)
	}
	if _, next := p.Bounds(); end.After(next.AddDate(0, 0, 7)) {
		return Window{}, fmt.Errorf("%s is after the school year %s: closing through it would close the whole year", s, p.SchoolYear)
	}
	w, ok := p.Through(Weekly, end)
	if !ok {
		return Window{}, fmt.Errorf("no week of %s ends on or before %s", p.SchoolYear, s)
	}
	return w, nil
}
