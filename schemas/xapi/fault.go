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

// rule is what the specification asks, in Part Two (Data) of xAPI 1.0.3 unless
// it says otherwise; 2.0 asks the same.
type rule struct{ source, text string }

var rules = map[Code]rule{
	BadJSON:          {"RFC 8259", "the body must be well-formed JSON"},
	BadUnicode:       {"RFC 8259 section 8", "text must be valid UTF-8 without lone surrogates"},
	DuplicateKey:     {"xAPI Data 2.2", "a property must not occur twice in an object"},
	TooDeep:          {"Brume limits", "values must not be nested deeper than the limit"},
	TooLarge:         {"Brume limits", "a statement must not be larger than the limit"},
	TooMany:          {"Brume limits", "a batch must not hold more statements than the limit"},
	NullValue:        {"xAPI Data 2.2", "null is allowed inside extensions only"},
	WrongType:        {"xAPI Data 2.2", "the value has the wrong data type"},
	BadEnum:          {"xAPI Data 2.2", "the value is not one of the enumerated values"},
	EmptyArray:       {"xAPI 2.0 4.2.2", "the array must not be empty"},
	UnknownProperty:  {"xAPI Data 2.2", "the specification does not allow this property here"},
	KeyCase:          {"xAPI Data 2.2", "the case of a property must match the specification"},
	Missing:          {"xAPI Data 2.4", "a required property is missing"},
	BadIRI:           {"xAPI Data 4.3", "the value must be an absolute IRI"},
	BadUUID:          {"xAPI Data 4.4", "the value must be a UUID in its standard form"},
	BadLanguage:      {"xAPI Data 4.2", "language tags must follow RFC 5646"},
	BadTimestamp:     {"xAPI Data 4.5", "the timestamp must follow RFC 3339, and -00:00 is not an offset"},
	BadDuration:      {"xAPI Data 4.6", "the duration must follow ISO 8601, 4.4.3.2"},
	BadMbox:          {"xAPI Data 2.4.2.3", "mbox must be a mailto IRI with one e-mail address"},
	BadSHA1:          {"xAPI Data 2.4.2.3", "mbox_sha1sum must be 40 hexadecimal digits"},
	BadSHA2:          {"xAPI Data 2.4.11", "sha2 must be a SHA-2 hash in hexadecimal digits"},
	BadMediaType:     {"xAPI Data 2.4.11", "contentType must be an Internet media type"},
	BadVersion:       {"xAPI Data 2.4.10", "version must be 1.0.x, or 2.0.x with version 2.0 of the API"},
	ActorIdentifier:  {"xAPI Data 2.4.2.3", "exactly one of mbox, mbox_sha1sum, openid and account must identify the actor"},
	GroupMembers:     {"xAPI Data 2.4.2.2", "an anonymous group must list its members"},
	AuthorityGroup:   {"xAPI Data 2.4.9", "a group as authority must be anonymous with exactly two agents"},
	InteractionKind:  {"xAPI Data 2.4.4.1", "the interaction property does not fit the interactionType"},
	ComponentRepeat:  {"xAPI Data 2.4.4.1", "ids of interaction components must be distinct"},
	NestedStatement:  {"xAPI Data 2.4.4.3", "a SubStatement must not contain a SubStatement"},
	VoidingTarget:    {"xAPI Data 2.3.2", "the object of a voiding statement must be a StatementRef"},
	ScoreRange:       {"xAPI Data 2.4.5.1", "scaled must lie in -1..1, min below max, raw within min..max"},
	ActivityOnly:     {"xAPI Data 2.4.6", "revision and platform are allowed only when the object is an Activity"},
	AttachmentAbsent: {"xAPI Communication 1.5.2", "an attachment without fileUrl must be sent as multipart/mixed"},
	RepeatedID:       {"xAPI Communication 2.1.2", "two statements of a batch must not share an id"},
}

// Fault is one broken rule. It holds no value of the statement: Pointer stops
// before the first name that the specification does not know.
type Fault struct {
	Code    Code   `json:"code"`
	Pointer string `json:"pointer"` // RFC 6901, into the request body
	Rule    string `json:"rule"`    // where the rule stands
	Message string `json:"message"`
}

func newFault(code Code, pointer, detail string) Fault {
	r := rules[code]
	message := r.text
	if detail != "" {
		message += ": " + detail
	}
	return Fault{Code: code, Pointer: pointer, Rule: r.source, Message: message}
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

// redact cuts a pointer before the first name that the sender may have chosen:
// a name that the specification does not know, or a key of a free map. In a
// batch the first token is a position.
func redact(pointer string, batch bool) string {
	if pointer == "" {
		return ""
	}
	end, last := 0, unknown
	for i, token := range strings.Split(pointer[1:], "/") {
		p := byName[token]
		position := p == unknown && (i == 0 && batch || last.isArray()) && isDigits(token)
		if p == unknown && !position {
			break
		}
		end += 1 + len(token)
		if p == pExtensions {
			break
		}
		last = p
	}
	return pointer[:end]
}

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
