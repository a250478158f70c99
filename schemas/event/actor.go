package event

import (
	"fmt"
	"io"
)

// Actor is the canonical form of a statement's actor, for instance
// "account:https://ent.example.fr|4711". It names a person: it neither prints
// nor marshals, and only the envelope and the pseudonymiser may reveal it.
// Package fmt ignores the methods of unexported fields: never keep an Actor in
// one that may be printed.
type Actor struct{ canonical string }

// NewActor wraps a canonical actor.
func NewActor(canonical string) Actor { return Actor{canonical} }

// Reveal returns the canonical actor. Callers MUST NOT log, store or send it
// except sealed.
func (a Actor) Reveal() string { return a.canonical }

// Equal says whether both name the same person.
func (a Actor) Equal(b Actor) bool { return a == b }

// Format hides the actor from every verb of package fmt.
func (a Actor) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[actor]") }

// String hides the actor from logs and errors.
func (a Actor) String() string { return "[actor]" }

// GoString hides the actor from %#v.
func (a Actor) GoString() string { return "[actor]" }

// MarshalText hides the actor from encoders, map keys included.
func (a Actor) MarshalText() ([]byte, error) { return []byte("[actor]"), nil }

// MarshalJSON hides the actor from encoders.
func (a Actor) MarshalJSON() ([]byte, error) { return []byte(`"[actor]"`), nil }

// Format hides the event, which states facts about a pupil, from every verb of
// package fmt.
func (e Event) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[event]") }

// MarshalJSON hides the event from encoders: Append is its only encoding.
func (e Event) MarshalJSON() ([]byte, error) { return []byte(`"[event]"`), nil }
