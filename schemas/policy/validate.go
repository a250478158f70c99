package policy

import (
	"fmt"
	"net/url"
)

// The identity scopes.
const (
	ScopeShared       = "shared"
	ScopePerPublisher = "per_publisher"
)

// Limits beyond which a policy is surely a mistake.
const (
	maxEpsilon    = 16
	maxPublishers = 100
	maxLate       = 8
	maxFamilies   = 100
	maxCap        = 1_000_000
	maxCells      = 10_000
)

// faults gathers errors that are told at once.
type faults []error

func (f *faults) addf(format string, args ...any) { *f = append(*f, fmt.Errorf(format, args...)) }

func (f *faults) wantf(ok bool, format string, args ...any) {
	if !ok {
		f.addf(format, args...)
	}
}

// Validate reports every fault of the policy at once.
func (p *Policy) Validate() error { return join(p.review()) }

// review checks the policy, part by part.
func (p *Policy) review() []*fault {
	f := review{found: new([]*fault)}
	f.wantf(p.Name != "", "name: missing")
	f.wantf(p.Epsilon > 0 && p.Epsilon <= maxEpsilon, "epsilon: %v is not within ]0, %d]", p.Epsilon, maxEpsilon)
	// δ is the chance that the promise fails for a pupil: it stays below one
	// over the pupils of the largest country that would use this (1e7).
	f.wantf(p.Delta > 10*DeltaSampler && p.Delta <= 1e-7,
		"delta: %v is not within ]%v, 1e-07]: it must stay below 1/pupils and well above the sampler's %v", p.Delta, 10*DeltaSampler, DeltaSampler)
	f.wantf(p.LateWindows >= 0 && p.LateWindows <= maxLate, "late_windows: %d is not within 0…%d", p.LateWindows, maxLate)
	f.wantf(p.MaxError > 0 && p.MaxError <= 10, "max_error: %v is not within ]0, 10]", p.MaxError)
	p.Identity.validate(f.in("identity: ", "identity"))
	p.validateCalendar(f)
	p.validateFamilies(f)
	return *f.found
}

func (i Identity) validate(f review) {
	switch i.Scope {
	case ScopeShared:
		f.wantf(len(i.HomePages) > 0, "home_pages: scope shared needs them")
		f.wantf(i.Publishers == 0, "publishers: only for scope per_publisher")
	case ScopePerPublisher:
		f.wantf(len(i.HomePages) == 0, "home_pages: only for scope shared")
		f.wantf(i.Publishers >= 1 && i.Publishers <= maxPublishers,
			"publishers: %d is not within 1…%d", i.Publishers, maxPublishers)
	default:
		f.addf("scope: %q is neither %s nor %s", i.Scope, ScopeShared, ScopePerPublisher)
	}
	seen := make(map[string]bool)
	for _, page := range i.HomePages {
		u, err := url.Parse(page)
		f.wantf(err == nil && u.IsAbs() && u.Host != "", "home_pages: %q is not an absolute address", page)
		f.wantf(!seen[page], "home_pages: %q appears twice", page)
		seen[page] = true
	}
}
