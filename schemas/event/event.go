// Package event defines what Brume keeps of a statement: the canonical actor
// and the allow-listed facts, and the sealed record that carries them.
package event

import "brume/schemas/registry"

// Kind is what the pupil did, reduced to a short list.
type Kind uint8

// The kinds, in the order of the sealed record's codes.
const (
	Other Kind = iota
	Viewed
	Attempted
	Answered
	Completed
	Passed
	Failed
	Progressed
)

// Outcome is a statement's result.success.
type Outcome uint8

// The outcomes.
const (
	NoOutcome Outcome = iota
	Failure
	Success
)

// NoScore and NoDuration mark facts that the statement does not state.
const (
	NoScore    = int16(-1)
	NoDuration = int32(-1)
)

// Event is everything that is kept of one accepted statement. Codes that the
// registry does not know are 0, which counts as "other".
type Event struct {
	Actor       Actor        // canonical actor; only ever stored sealed
	Scope       string       // identity scope: the account homePage, or the identifier kind
	Publisher   uint16       // the publisher's number
	School      registry.UAI // 0: unknown
	Level       uint8        // registry.Term.ID
	Subject     uint8        // registry.Term.ID
	Tool        uint16       // registry.Tool.ID
	Kind        Kind
	Outcome     Outcome
	Score       int16  // thousandths of the scaled score 0…1, or NoScore
	Duration    int32  // seconds, 0…14400, or NoDuration
	Hour        int32  // event time, whole hours since 1970-01-01T00:00Z
	Received    int64  // receive time, seconds since 1970-01-01T00:00Z
	Fingerprint uint64 // keyed digest of (publisher, statement id), for duplicates only
}
