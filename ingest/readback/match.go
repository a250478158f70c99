package readback

import (
	"bytes"
	"strings"

	"brume/schemas/xapi"
)

// conditions is a set of the filters that are not about time or sequence.
type conditions uint8

const (
	byAgent conditions = 1 << iota
	byVerb
	byActivity
	byRegistration
)

// wanted are the conditions that a statement has to meet.
func (q *Query) wanted() (c conditions) {
	if q.Agent != nil {
		c |= byAgent
	}
	if q.Verb != "" {
		c |= byVerb
	}
	if q.Activity != "" {
		c |= byActivity
	}
	if q.Registration != "" {
		c |= byRegistration
	}
	return c
}

// met are the conditions that a statement meets by itself.
func (q *Query) met(f *facts) (c conditions) {
	if q.Agent != nil && f.hasAgent(q.Agent, q.RelatedAgents) {
		c |= byAgent
	}
	if q.Verb != "" && f.Verb.ID == q.Verb {
		c |= byVerb
	}
	if q.Activity != "" && f.hasActivity(q.Activity, q.RelatedActivities) {
		c |= byActivity
	}
	if q.Registration != "" && strings.EqualFold(f.Context.Registration, q.Registration) {
		c |= byRegistration
	}
	return c
}

// hasAgent says whether the agent is actor or object, or, broadly, anywhere in
// the statement or its SubStatement.
func (f *inner) hasAgent(want *xapi.Actor, broadly bool) bool {
	switch {
	case f.Actor.is(want), f.Object.actor.is(want):
		return true
	case !broadly:
		return false
	case f.Context.Instructor.is(want), f.Context.Team.is(want):
		return true
	}
	for i := range f.Context.Agents {
		if f.Context.Agents[i].Agent.is(want) {
			return true
		}
	}
	for i := range f.Context.Groups {
		if f.Context.Groups[i].Group.is(want) {
			return true
		}
	}
	return f.Object.sub != nil && f.Object.sub.hasAgent(want, true)
}

// hasActivity says whether the activity is the object, or, broadly, in the
// context or the SubStatement.
func (f *inner) hasActivity(want string, broadly bool) bool {
	if (f.Object.Type == "" || f.Object.Type == "Activity") && f.Object.ID == want {
		return true
	}
	if !broadly {
		return false
	}
	for _, list := range []activities{f.Context.Activities.Parent, f.Context.Activities.Grouping, f.Context.Activities.Category, f.Context.Activities.Other} {
		for i := range list {
			if list[i].ID == want {
				return true
			}
		}
	}
	return f.Object.sub != nil && f.Object.sub.hasActivity(want, true)
}

// sieve tells from the text alone that a statement cannot match, which spares
// parsing it. Texts with escapes are let through, and so are references, which
// match by what they target.
type sieve [][]byte

var reference = []byte(`"StatementRef"`)

func (q *Query) sieve() (s sieve) {
	add := func(needle string) {
		if needle != "" {
			s = append(s, []byte(needle))
		}
	}
	if q.Agent != nil {
		switch q.Agent.Identifier {
		case xapi.Mbox:
			user, _, _ := strings.Cut(q.Agent.Value, "@")
			add(user)
		case xapi.MboxSHA1:
			add("mbox_sha1sum") // the digest's case does not count
		default:
			add(q.Agent.Value)
		}
	}
	add(q.Verb)
	add(q.Activity)
	if q.Registration != "" {
		add("registration") // the UUID's case does not count
	}
	return s
}

func (s sieve) lets(text []byte) bool {
	for _, needle := range s {
		if !bytes.Contains(text, needle) {
			return bytes.Contains(text, reference) || bytes.IndexByte(text, '\\') >= 0
		}
	}
	return true
}
