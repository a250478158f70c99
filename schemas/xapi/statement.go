package xapi

import "time"

// Statement is what is kept of a valid statement until it is mapped.
type Statement struct {
	ID          string // lower case; "" when the sender gave none
	Actor       Actor
	Verb        string // IRI
	Object      Object
	Result      Result
	Context     Context
	Timestamp   time.Time // zero when absent
	Stored      time.Time // as sent; zero when absent
	Attachments []Attachment
	Raw         string // the statement's JSON text
}

// Bool is a boolean that may be absent.
type Bool int8

// The values of Bool.
const (
	Absent Bool = iota
	False
	True
)

// Extension is one entry of an extensions map; Value is JSON text.
type Extension struct{ Key, Value string }

// Extensions is an extensions map in the order of the statement.
type Extensions []Extension

// Get returns the JSON text under a key.
func (e Extensions) Get(key string) (string, bool) {
	for i := range e {
		if e[i].Key == key {
			return e[i].Value, true
		}
	}
	return "", false
}

// Voided is the verb of statements that void another.
const Voided = "http://adlnet.gov/expapi/verbs/voided"

// statement reads a statement.
func (d *decoder) statement(s *Statement) {
	if !d.object() {
		return
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pID:
			s.ID = d.uuid()
		case pStored:
			s.Stored = d.timestamp()
		case pAuthority:
			d.authority()
		case pVersion:
			d.version()
		default:
			d.shared(s, false)
		}
	}
	d.complete(s, seen)
}

// shared reads the member that next has read, one of those that statements and
// SubStatements share.
func (d *decoder) shared(s *Statement, sub bool) {
	switch d.prop {
	case pActor:
		s.Actor = d.actor(anyActor)
	case pVerb:
		s.Verb = d.verb()
	case pObject:
		s.Object = d.target(sub)
	case pResult:
		s.Result = d.result()
	case pContext:
		s.Context = d.context()
	case pTimestamp:
		s.Timestamp = d.timestamp()
	case pAttachments:
		s.Attachments = d.attachments()
	default:
		d.unexpected()
	}
}

// complete checks the rules that join members of a statement.
func (d *decoder) complete(s *Statement, seen propSet) {
	if d.stopped {
		return
	}
	d.require(seen, pActor, pVerb, pObject)
	if s.Verb == Voided && seen.has(pObject) && s.Object.Type != StatementRef {
		d.faultIn(VoidingTarget, pObject, phrase{})
	}
	if s.Context.activityOnly && seen.has(pObject) && s.Object.Type != Activity {
		d.faultIn(ActivityOnly, pContext, phrase{})
	}
}

// require reports each property that the object read last lacks.
func (d *decoder) require(seen propSet, list ...prop) {
	for _, p := range list {
		if !seen.has(p) {
			d.fault(Missing, named(p))
		}
	}
}

func (d *decoder) verb() (id string) {
	if !d.object() {
		return ""
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pID:
			id = d.iri()
		case pDisplay:
			d.languageMap()
		default:
			d.unexpected()
		}
	}
	d.require(seen, pID)
	return id
}

func (d *decoder) version() {
	d.checked(func(s string) bool {
		return validVersion(s, "1.0") || d.options.V2 && validVersion(s, "2.0")
	}, BadVersion)
}
