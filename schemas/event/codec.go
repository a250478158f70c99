package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"brume/schemas/registry"
)

// codecVersion is the first byte of an encoded event.
const codecVersion = 1

// The encoding is the version byte, the fixed-width facts in the order of
// appendFacts (big endian), the lengths of scope and actor as shortest
// uvarints, then scope and actor. Every event has exactly one encoding.
const factsSize = 2 + 4 + 1 + 1 + 2 + 1 + 1 + 2 + 4 + 4 + 8 + 8

// MaxDuration is the longest duration an event states, in seconds.
const MaxDuration = 14400

// MaxName bounds the bytes of an actor and of a scope.
const MaxName = 4096

// ErrInvalid marks an event whose facts are out of their range.
var ErrInvalid = errors.New("invalid event")

var errEncoding = errors.New("malformed event")

// Validate reports the first fact that is out of its range. It names the
// fact, never its value.
func (e *Event) Validate() error {
	switch {
	case e.Actor.canonical == "" || !validName(e.Actor.canonical):
		return fmt.Errorf("%w: actor", ErrInvalid)
	case !validName(e.Scope):
		return fmt.Errorf("%w: scope", ErrInvalid)
	case e.School > maxUAI:
		return fmt.Errorf("%w: school", ErrInvalid)
	case e.Kind > Progressed:
		return fmt.Errorf("%w: kind", ErrInvalid)
	case e.Outcome > Success:
		return fmt.Errorf("%w: outcome", ErrInvalid)
	case e.Score < NoScore || e.Score > 1000:
		return fmt.Errorf("%w: score", ErrInvalid)
	case e.Duration < NoDuration || e.Duration > MaxDuration:
		return fmt.Errorf("%w: duration", ErrInvalid)
	}
	return nil
}

const maxUAI = registry.UAI(9_999_999)

func validName(s string) bool { return len(s) <= MaxName && utf8.ValidString(s) }

// Append appends the event's encoding to dst. The event MUST be valid, or
// Parse will refuse it.
func (e *Event) Append(dst []byte) []byte {
	dst = append(dst, codecVersion)
	dst = e.appendFacts(dst)
	dst = binary.AppendUvarint(dst, uint64(len(e.Scope)))
	dst = binary.AppendUvarint(dst, uint64(len(e.Actor.canonical)))
	dst = append(dst, e.Scope...)
	return append(dst, e.Actor.canonical...)
}

func (e *Event) appendFacts(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint16(dst, e.Publisher)
	dst = binary.BigEndian.AppendUint32(dst, uint32(e.School))
	dst = append(dst, e.Level, e.Subject)
	dst = binary.BigEndian.AppendUint16(dst, e.Tool)
	dst = append(dst, byte(e.Kind), byte(e.Outcome))
	dst = binary.BigEndian.AppendUint16(dst, uint16(e.Score))
	dst = binary.BigEndian.AppendUint32(dst, uint32(e.Duration))
	dst = binary.BigEndian.AppendUint32(dst, uint32(e.Hour))
	dst = binary.BigEndian.AppendUint64(dst, uint64(e.Received))
	return binary.BigEndian.AppendUint64(dst, e.Fingerprint)
}

// Parse decodes one event. It accepts exactly what Append writes for a valid
// event. The result shares nothing with b.
func Parse(b []byte) (Event, error) {
	if len(b) < 1+factsSize || b[0] != codecVersion {
		return Event{}, errEncoding
	}
	e := parseFacts(b[1:])
	rest := b[1+factsSize:]
	scope, rest, ok := shortUvarint(rest)
	if !ok {
		return Event{}, errEncoding
	}
	actor, rest, ok := shortUvarint(rest)
	if !ok || scope+actor != len(rest) {
		return Event{}, errEncoding
	}
	names := string(rest) // one allocation for both
	e.Scope, e.Actor = names[:scope], Actor{names[scope:]}
	if err := e.Validate(); err != nil {
		return Event{}, err
	}
	return e, nil
}

// parseFacts decodes at least factsSize bytes.
func parseFacts(b []byte) Event {
	_ = b[factsSize-1]
	return Event{
		Publisher:   binary.BigEndian.Uint16(b),
		School:      registry.UAI(binary.BigEndian.Uint32(b[2:])),
		Level:       b[6],
		Subject:     b[7],
		Tool:        binary.BigEndian.Uint16(b[8:]),
		Kind:        Kind(b[10]),
		Outcome:     Outcome(b[11]),
		Score:       int16(binary.BigEndian.Uint16(b[12:])),
		Duration:    int32(binary.BigEndian.Uint32(b[14:])),
		Hour:        int32(binary.BigEndian.Uint32(b[18:])),
		Received:    int64(binary.BigEndian.Uint64(b[22:])),
		Fingerprint: binary.BigEndian.Uint64(b[30:]),
	}
}

// shortUvarint reads a length up to MaxName in its shortest form.
func shortUvarint(b []byte) (n int, rest []byte, ok bool) {
	v, size := binary.Uvarint(b)
	if size <= 0 || v > MaxName || size > 1 && b[size-1] == 0 {
		return 0, nil, false
	}
	return int(v), b[size:], true
}
