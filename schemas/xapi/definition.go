package xapi

// componentLists gives, for each interactionType, the lists that fit it.
var componentLists = map[string]propSet{
	"true-false":   0,
	"choice":       setOf(pChoices),
	"fill-in":      0,
	"long-fill-in": 0,
	"matching":     setOf(pSource, pTarget),
	"performance":  setOf(pSteps),
	"sequencing":   setOf(pChoices),
	"likert":       setOf(pScale),
	"numeric":      0,
	"other":        0,
}

var allComponentLists = setOf(pChoices, pScale, pSource, pTarget, pSteps)

// definition reads an activity's definition; only its type and extensions are
// kept.
func (d *decoder) definition() (kind string, ext Extensions) {
	if !d.object() {
		return "", nil
	}
	var (
		seen        propSet
		interaction string
	)
	for d.next(&seen) {
		switch d.prop {
		case pName, pDescription:
			d.languageMap()
		case pType:
			kind = d.iri()
		case pMoreInfo:
			d.iri()
		case pExtensions:
			ext = d.extensions()
		case pInteractionType:
			interaction = d.interactionType()
		case pCorrectResponses:
			d.strings()
		case pChoices, pScale, pSource, pTarget, pSteps:
			d.components()
		default:
			d.unexpected()
		}
	}
	d.completeInteraction(seen, interaction)
	return kind, ext
}

func (d *decoder) interactionType() string {
	s, ok := d.str()
	if _, known := componentLists[s]; ok && !known {
		d.fault(BadEnum, phrase{})
	}
	return s
}

// completeInteraction checks that lists of components and patterns come with
// an interactionType that they fit.
func (d *decoder) completeInteraction(seen propSet, interaction string) {
	if seen&(allComponentLists|setOf(pCorrectResponses)) == 0 {
		return
	}
	if !seen.has(pInteractionType) {
		d.fault(Missing, named(pInteractionType))
		return
	}
	fit, known := componentLists[interaction]
	for p := pChoices; known && p <= pSteps; p++ {
		if seen.has(p) && !fit.has(p) {
			d.faultIn(InteractionKind, p, phrase{})
		}
	}
}

// strings checks an array of strings.
func (d *decoder) strings() {
	if !d.array() {
		return
	}
	for d.element() {
		d.str()
	}
}

// components checks a list of interaction components.
func (d *decoder) components() {
	if !d.array() {
		return
	}
	for ids := d.namesAt(d.depth()); d.element(); {
		if id, ok := d.component(); ok && !ids.add(id) {
			d.fault(ComponentRepeat, phrase{})
		}
	}
}

func (d *decoder) component() (id string, ok bool) {
	if !d.object() {
		return "", false
	}
	var seen propSet
	for d.next(&seen) {
		switch d.prop {
		case pID:
			id, ok = d.str()
		case pDescription:
			d.languageMap()
		default:
			d.unexpected()
		}
	}
	d.require(seen, pID)
	return id, ok
}
