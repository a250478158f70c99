package policy

import (
	"slices"
	"strconv"
)

// ScopeOf returns the scope within which an identifier names a pupil, and
// whether the policy folds such identifiers at all. The home page is the
// account's, or the kind of another identifier.
func (i Identity) ScopeOf(homePage string, publisher uint16) (scope string, ok bool) {
	if i.Scope == ScopePerPublisher {
		return "publisher/" + strconv.Itoa(int(publisher)), true
	}
	return ScopeShared, slices.Contains(i.HomePages, homePage)
}

// Holds says whether the school year, 1 September to 31 August in the
// policy's time zone, holds an hour since 1970-01-01T00:00Z.
func (p *Policy) Holds(hour int32) bool {
	start, end := p.Bounds()
	seconds := int64(hour) * 3600
	return seconds >= start.Unix() && seconds < end.Unix()
}
