package xapi

// ContextActivity is an activity that a statement's context names.
type ContextActivity struct {
	ID         string
	Kind       string     // activity type IRI, "" when absent
	Extensions Extensions // of the activity's definition
}

// Context is the context of a statement. People in it are checked and not kept.
type Context struct {
	Platform   string
	Language   string
	Parent     []ContextActivity
	Grouping   []ContextActivity
	Category   []ContextActivity
	Other      []ContextActivity
	Extensions Extensions

	activityOnly bool // has revision or platform
}

func (d *decoder) context() (c Context) {
	if !d.object() {
		return c
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pRegistration:
			d.uuid()
		case pInstructor:
			d.actor(anyActor)
		case pTeam:
			d.actor(onlyGroup)
		case pContextActivities:
			d.contextActivities(&c)
		case pRevision:
			c.activityOnly = true
			d.str()
		case pPlatform:
			c.activityOnly = true
			c.Platform, _ = d.str()
		case pLanguage:
			c.Language = d.checked(validLanguage, BadLanguage)
		case pStatement:
			d.statementRef()
		case pExtensions:
			c.Extensions = d.extensions()
		case pContextAgents:
			d.contextActors("contextAgent", pAgent, onlyAgent)
		case pContextGroups:
			d.contextActors("contextGroup", pGroup, onlyGroup)
		default:
			d.unexpected()
		}
	}
	return c
}

func (d *decoder) contextActivities(c *Context) {
	if !d.object() {
		return
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pParent:
			c.Parent = d.activities()
		case pGrouping:
			c.Grouping = d.activities()
		case pCategory:
			c.Category = d.activities()
		case pOther:
			c.Other = d.activities()
		default:
			d.unexpected()
		}
	}
}

// activities reads an Activity or an array of them.
func (d *decoder) activities() []ContextActivity {
	d.around.begin()
	if d.peek() == '{' {
		d.around.add(d.activity())
	} else if d.array() {
		for d.element() {
			d.around.add(d.activity())
		}
	}
	return d.around.list()
}

func (d *decoder) statementRef() {
	if !d.object() {
		return
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pObjectType:
			d.oneOf("StatementRef")
		case pID:
			d.uuid()
		default:
			d.unexpected()
		}
	}
	d.require(seen, pObjectType, pID)
}

// contextActors checks contextAgents or contextGroups, which 2.0 adds: who is
// the member that names the actor.
func (d *decoder) contextActors(objectType string, who prop, allowed actorRule) {
	if !d.options.V2 {
		d.unexpected()
		return
	}
	if !d.array() {
		return
	}
	for d.element() {
		d.contextActor(objectType, who, allowed)
	}
}

func (d *decoder) contextActor(objectType string, who prop, allowed actorRule) {
	if !d.object() {
		return
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pObjectType:
			d.oneOf(objectType)
		case who:
			d.actor(allowed)
		case pRelevantTypes:
			d.iris()
		default:
			d.unexpected()
		}
	}
	d.require(seen, pObjectType, who)
}

// iris checks an array of IRIs that must not be empty.
func (d *decoder) iris() {
	if !d.array() {
		return
	}
	n := 0
	for d.element() {
		d.iri()
		n++
	}
	if n == 0 {
		d.fault(EmptyArray, phrase{})
	}
}
