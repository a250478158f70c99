package xapi

// Identifier says which inverse functional identifier an actor has.
type Identifier uint8

// The identifiers. A group without one is anonymous.
const (
	Anonymous Identifier = iota
	Mbox
	MboxSHA1
	OpenID
	Account
)

// Actor is an Agent or a Group, reduced to its identifier.
type Actor struct {
	Group      bool
	Identifier Identifier
	HomePage   string // of an Account
	Value      string // the account's name, the mbox IRI, the sha1sum, the OpenID
	members    int
}

// actorRule narrows what an actor may be.
type actorRule uint8

const (
	anyActor actorRule = iota
	onlyAgent
	onlyGroup
)

// identifierProps are the properties that identify an actor, by Identifier.
var identifierProps = [...]prop{Mbox: pMbox, MboxSHA1: pMboxSHA1, OpenID: pOpenID, Account: pAccount}

const (
	agentType = "Agent"
	groupType = "Group"
)

// actor reads an Agent or a Group.
func (d *decoder) actor(allowed actorRule) Actor {
	var a Actor
	if !d.object() {
		return a
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pObjectType:
			a.Group = d.oneOf(agentType, groupType) == groupType
		default:
			d.actorMember(&a)
		}
	}
	d.completeActor(&a, seen, allowed)
	return a
}

// actorMember reads the member that next has read, any but objectType.
func (d *decoder) actorMember(a *Actor) {
	switch d.prop {
	case pName:
		d.str()
	case pMbox:
		a.Value = d.checked(validMbox, BadMbox)
	case pMboxSHA1:
		a.Value = lowerASCII(d.checked(validSHA1, BadSHA1))
	case pOpenID:
		a.Value = d.iri()
	case pAccount:
		a.HomePage, a.Value = d.account()
	case pMember:
		a.members = d.members()
	default:
		d.unexpected()
	}
}

// completeActor checks the rules that join an actor's members.
func (d *decoder) completeActor(a *Actor, seen propSet, allowed actorRule) {
	if d.stopped {
		return
	}
	found := 0
	for id := Mbox; id <= Account; id++ {
		if seen.has(identifierProps[id]) {
			a.Identifier = id
			found++
		}
	}
	switch {
	case allowed == onlyAgent && a.Group, allowed == onlyGroup && !a.Group:
		d.faultIn(BadEnum, pObjectType, phrase{})
	case !a.Group && seen.has(pMember):
		d.fault(UnknownProperty, named(pMember))
	case found > 1, !a.Group && found == 0:
		d.fault(ActorIdentifier, phrase{})
	case found == 0 && a.members == 0:
		d.fault(GroupMembers, phrase{})
	}
}

func (d *decoder) account() (homePage, name string) {
	if !d.object() {
		return "", ""
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pHomePage:
			homePage = d.iri()
		case pName:
			name, _ = d.str()
		default:
			d.unexpected()
		}
	}
	d.require(seen, pHomePage, pName)
	return homePage, name
}

func (d *decoder) members() (n int) {
	if !d.array() {
		return 0
	}
	for d.element() {
		d.actor(onlyAgent)
		n++
	}
	return n
}

// authority checks who asserts the statement; it is not kept.
func (d *decoder) authority() {
	a := d.actor(anyActor)
	if a.Group && (a.Identifier != Anonymous || a.members != 2) {
		d.fault(AuthorityGroup, phrase{})
	}
}
