package xapi

// ObjectType says what a statement is about.
type ObjectType uint8

// The object types. Activity is the default.
const (
	Activity ObjectType = iota
	AgentObject
	GroupObject
	SubStatement
	StatementRef
)

// Object is what a statement is about.
type Object struct {
	Type        ObjectType
	ID          string       // activity IRI, or the UUID of a StatementRef
	Kind        string       // activity type IRI, "" when absent
	Extensions  Extensions   // of the activity's definition
	Attachments []Attachment // of a SubStatement
}

var objectTypes = map[string]ObjectType{
	"Activity": Activity, "Agent": AgentObject, "Group": GroupObject,
	"SubStatement": SubStatement, "StatementRef": StatementRef,
}

// allowedIn are the members of each object type.
var allowedIn = [...]propSet{
	Activity:     setOf(pObjectType, pID, pDefinition),
	AgentObject:  setOf(pObjectType, pName, pMbox, pMboxSHA1, pOpenID, pAccount),
	GroupObject:  setOf(pObjectType, pName, pMbox, pMboxSHA1, pOpenID, pAccount, pMember),
	SubStatement: setOf(pObjectType, pActor, pVerb, pObject, pResult, pContext, pTimestamp, pAttachments),
	StatementRef: setOf(pObjectType, pID),
}

// inObjects are the members of any object type; others are reported as read.
var inObjects = allowedIn[Activity] | allowedIn[GroupObject] | allowedIn[SubStatement]

// target reads a statement's object. Members may come before objectType, so
// each is read as what its name means, and the set is checked at the end.
func (d *decoder) target(sub bool) Object {
	var o Object
	if !d.object() {
		return o
	}
	var (
		seen  propSet
		actor Actor
		inner Statement
	)
	for d.next(&seen) {
		switch d.prop {
		case pObjectType:
			o.Type = objectTypes[d.oneOf("Activity", "Agent", "Group", "SubStatement", "StatementRef")]
		case pID:
			o.ID, _ = d.str()
		case pDefinition:
			o.Kind, o.Extensions = d.definition()
		case pName, pMbox, pMboxSHA1, pOpenID, pAccount, pMember:
			d.actorMember(&actor)
		default:
			if sub && inObjects.has(d.prop) {
				d.skip() // only a nested SubStatement could have it
			} else {
				d.shared(&inner, true)
			}
		}
	}
	if d.stopped {
		return o
	}
	misplaced := seen & inObjects &^ allowedIn[o.Type]
	for p := unknown + 1; misplaced != 0 && p < props; p++ {
		if misplaced.has(p) {
			d.fault(UnknownProperty, named(p))
		}
	}
	if sub && o.Type == SubStatement {
		d.fault(NestedStatement, phrase{})
		return o
	}
	d.completeObject(&o, seen, actor, &inner)
	return o
}

func (d *decoder) completeObject(o *Object, seen propSet, actor Actor, inner *Statement) {
	switch o.Type {
	case Activity:
		d.require(seen, pID)
		if seen.has(pID) && !validIRI(o.ID) {
			d.faultIn(BadIRI, pID, phrase{})
		}
	case StatementRef:
		d.require(seen, pID)
		if seen.has(pID) && !ValidUUID(o.ID) {
			d.faultIn(BadUUID, pID, phrase{})
		}
	case AgentObject, GroupObject:
		actor.Group = o.Type == GroupObject
		d.completeActor(&actor, seen, anyActor)
	case SubStatement:
		d.complete(inner, seen)
		o.Attachments = inner.Attachments
	}
}

// activity reads an Activity in a context.
func (d *decoder) activity() (a ContextActivity) {
	if !d.object() {
		return a
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pObjectType:
			d.oneOf("Activity")
		case pID:
			a.ID = d.iri()
		case pDefinition:
			a.Kind, a.Extensions = d.definition()
		default:
			d.unexpected()
		}
	}
	d.require(seen, pID)
	return a
}
