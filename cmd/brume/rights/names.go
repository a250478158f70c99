package rights

import (
	"brume/anonymize/pseudonym"
	"brume/schemas/policy"
)

// Name is what one school year calls a person. Where every publisher has
// identifiers of its own, a person has a name for each.
type Name struct {
	Year  string
	Pupil pseudonym.Pseudonym
	Token [16]byte // what control records say instead
}

// Names returns what a school year calls the person, nothing if its policy does
// not count such identifiers.
func (i Identifier) Names(p *policy.Policy, key *pseudonym.Key, publishers []uint16) []Name {
	if p.Identity.Scope != policy.ScopePerPublisher {
		publishers = []uint16{0}
	}
	var names []Name
	for _, number := range publishers {
		scope, counted := p.Identity.ScopeOf(i.Home, number)
		if !counted {
			continue
		}
		pupil := key.Of(scope, i.Actor.Reveal())
		names = append(names, Name{p.SchoolYear, pupil, key.Token(pupil)})
	}
	return names
}
