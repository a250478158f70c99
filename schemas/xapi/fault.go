package xapi

import (
	"fmt"
	"strings"
)

// Code names a kind of fault. Codes are stable: publishers may rely on them.
type Code string

// The codes.
const (
	BadJSON          Code = "json.syntax"
	BadUnicode       Code = "json.unicode"
	DuplicateKey     Code = "json.duplicate_key"
	TooDeep          Code = "limit.depth"
	TooLarge         Code = "limit.statement"
	TooMany          Code = "limit.batch"
	NullValue        Code = "value.null"
	WrongType        Code = "value.type"
	BadEnum          Code = "value.enum"
	EmptyArray       Code = "value.empty"
	UnknownProperty  Code = "property.unknown"
	KeyCase          Code = "property.case"
	Missing          Code = "property.missing"
	BadIRI           Code = "format.iri"
	BadUUID          Code = "format.uuid"
	BadLanguage      Code = "format.language"
	BadTimestamp     Code = "format.timestamp"
	BadDuration      Code = "format.duration"
	BadMbox          Code = "format.mbox"
	BadSHA1          Code = "format.sha1"
	BadSHA2          Code = "format.sha2"
	BadMediaType     Code = "format.media_type"
	BadVersion       Code = "format.version"
	ActorIdentifier  Code = "actor.identifier"
	GroupMembers     Code = "actor.members"
	AuthorityGroup   Code = "authority.group"
	InteractionKind  Code = "definition.interaction"
	ComponentRepeat  Code = "definition.component_id"
	NestedStatement  Code = "object.nested"
	VoidingTarget    Code = "verb.voided"
	ScoreRange       Code = "score.range"
	ActivityOnly     Code = "context.activity_only"
	AttachmentAbsent Code = "attachment.content"
	RepeatedID       Code = "statement.repeated_id"
)

// Fault is one broken rule. It holds no value of the statement: Pointer stops
// before the first name that the specification does not know.
type Fault struct {
	Code      Code   `json:"code"`
	Pointer   string `json:"pointer"` // RFC 6901, into the request body
	Rule      string `json:"rule"`    // where the rule stands in the version of the request
	Message   string `json:"message"`
	MessageFR string `json:"message_fr"`
}

func newFault(code Code, pointer string, detail phrase, v2 bool) Fault {
	r := rules[code]
	f := Fault{Code: code, Pointer: pointer, Rule: r.v1, Message: r.text.en, MessageFR: r.text.fr}
	if v2 {
		f.Rule = r.v2
	}
	if detail.en != "" {
		f.Message += ": " + detail.en
		f.MessageFR += " : " + detail.fr
	}
	return f
}

// Faults is the error of a body that breaks rules: at least one, at most
// Limits.Faults.
type Faults []Fault

func (f Faults) Error() string {
	var b strings.Builder
	b.WriteString("decoding statements: ")
	for i, x := range f {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s at %q: %s (%s)", x.Code, x.Pointer, x.Message, x.Rule)
	}
	return b.String()
}

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
