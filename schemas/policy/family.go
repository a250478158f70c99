package policy

import (
	"errors"
	"fmt"
	"slices"
)

// sharesSlack allows for decimal shares that do not add up to exactly 1 in
// binary; the plan holds the integer costs to the limit.
const sharesSlack = 1e-9

func (p *Policy) validateFamilies(f review) {
	f.wantf(len(p.Families) > 0 && len(p.Families) <= maxFamilies, "families: %d is not within 1…%d", len(p.Families), maxFamilies)
	names := make(map[string]bool)
	total := 0.0
	for i, family := range p.Families {
		f := f.in("", "families", i)
		f.wantf(!names[family.Name], "family %s appears twice", family.Name)
		names[family.Name] = true
		family.validate(f.in("family " + family.Name + ": "))
		f.wantf(family.Cadence != Periodic || p.hasHalfTerms(), "family %s: the calendar has no half-terms", family.Name)
		total += family.Share
	}
	f.wantf(total <= 1+sharesSlack, "families: the shares sum to %.6g, above 1", total)
}

func (p *Policy) hasHalfTerms() bool {
	for _, z := range p.Calendar.Zones {
		if len(z.HalfTerms) == 0 {
			return false
		}
	}
	return true
}

// validate reports every fault of a family on its own.
func (f Family) validate(bad review) {
	bad.wantf(validName(f.Name, false), "name: must match [a-z0-9_]+")
	bad.wantf(cadenceIndex(f.Cadence) >= 0, "cadence: %q is none of %v", f.Cadence, cadences)
	bad.wantf(f.Area == BySchool || f.Area == ByDepartment, "area: %q is neither %s nor %s", f.Area, BySchool, ByDepartment)
	for i, d := range f.By {
		bad.wantf(d == Level || d == Subject || d == Tool, "by: %q is none of %s, %s, %s", d, Level, Subject, Tool)
		bad.wantf(!slices.Contains(f.By[:i], d), "by: %s appears twice", d)
	}
	bad.wantf(f.Cells >= 1 && f.Cells <= maxCells, "cells: %d is not within 1…%d", f.Cells, maxCells)
	bad.wantf(len(f.By) > 0 || f.Cells == 1, "cells: without a dimension a pupil is in one cell")
	// A cap of a million in 10,000 cells by a hundred million pupils is 10¹⁸:
	// under 2⁶³, so that no sum of a valid policy overflows.
	bad.wantf(f.Cap >= 1 && f.Cap <= maxCap, "cap: %d is not within 1…%d", f.Cap, maxCap)
	bad.wantf(f.Share > 0 && f.Share <= 1, "share: %v is not within ]0, 1]", f.Share)
	f.validateMeasure(bad)
}

func (f Family) validateMeasure(bad review) {
	switch f.Measure {
	case Active:
		bad.wantf(f.Cap == 1, "cap: %d, but a pupil is active once: it must be 1", f.Cap)
	case Outcomes, Minutes, Scores:
		bad.wantf(f.Cadence != YearStream, "measure: %s cannot be a year stream: only a first time counts once", f.Measure)
	default:
		bad.addf("measure: %q is none of %s, %s, %s, %s", f.Measure, Active, Outcomes, Minutes, Scores)
	}
}

// maxFolded bounds the cells that a cohort remembers of one pupil and window.
const maxFolded = 64

// Supported tells what this version cannot fold in a family that it can plan
// and charge; nil when it can. A pupil's part in a year stream is one bit, so
// that a stream has no dimensions.
func (f Family) Supported() error {
	var missing faults
	if f.Cadence == YearStream && len(f.By) > 0 {
		missing.addf("a year stream by %s", f.By[0])
	}
	if f.Cells > maxFolded {
		missing.addf("more than %d cells of one pupil", maxFolded)
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("family %s: this version does not fold: %w", f.Name, errors.Join(missing...))
}

// Supported reports every family that this version cannot fold.
func (p *Policy) Supported() error {
	var missing []error
	for _, f := range p.Families {
		missing = append(missing, f.Supported())
	}
	return errors.Join(missing...)
}

// validName tells whether a name is made of [a-z0-9_], and A-Z if upper.
func validName(s string, upper bool) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, r := range s {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (!upper || r < 'A' || r > 'Z') {
			return false
		}
	}
	return true
}
