package mapping

import (
	"time"

	"brume/schemas/event"
	"brume/schemas/registry"
	"brume/schemas/xapi"
)

// Drop says why an accepted statement does not become an event.
type Drop string

// The reasons.
const (
	Kept          Drop = ""
	DropGroup     Drop = "group_actor"    // a group as actor
	DropAnonymous Drop = "anonymous"      // an identifier that identifies nobody
	DropIdentity  Drop = "identifier"     // a kind of identifier that the mapping excludes
	DropLongActor Drop = "actor_too_long" // an identifier longer than an event may hold
	DropTeacher   Drop = "teacher"        // about a teacher
	DropVoiding   Drop = "voiding"        // voids another statement
)

// Drops lists every reason.
var Drops = []Drop{DropGroup, DropAnonymous, DropIdentity, DropLongActor, DropTeacher, DropVoiding}

// Reception is what the endpoint knows about a statement beside its text.
type Reception struct {
	Publisher string
	Number    uint16 // of the publisher
	Time      time.Time
	DataClock bool // simulated and replayed years: received when the statement says
}

// Event maps a statement. ok is false when it is not folded, for the reason
// given. The fingerprint is the endpoint's to fill in.
func (m *Mapping) Event(st *xapi.Statement, reg *registry.Registry, at Reception) (e event.Event, reason Drop, ok bool) {
	if reason = m.drop(st); reason != Kept {
		return event.Event{}, reason, false
	}
	actor, scope := Canonical(&st.Actor)
	if len(actor) > event.MaxName {
		return event.Event{}, DropLongActor, false
	}
	kind := m.verbs[st.Verb]
	e = event.Event{
		Actor:     event.NewActor(actor),
		Scope:     scope,
		Publisher: at.Number,
		School:    lookup(m.School, st, func(s string) registry.UAI { return school(reg, s) }),
		Level:     lookup(m.Level, st, reg.LevelID),
		Subject:   lookup(m.Subject, st, reg.SubjectID),
		Kind:      kind,
		Outcome:   outcome(st.Result.Success, kind),
		Score:     score(&st.Result.Score),
		Duration:  duration(&st.Result),
	}
	if st.Object.Type == xapi.Activity {
		e.Tool = reg.ToolByActivity(at.Publisher, st.Object.ID)
	}
	e.Hour, e.Received = times(st, at)
	return e, Kept, true
}

func (m *Mapping) drop(st *xapi.Statement) Drop {
	switch {
	case st.Actor.Group:
		return DropGroup
	case st.Verb == xapi.Voided:
		return DropVoiding
	case st.Actor.Value == "":
		return DropAnonymous
	case !m.identifiers[st.Actor.Identifier]:
		return DropIdentity
	}
	for i := range m.Teacher {
		for n, more := 0, true; more; n++ {
			var found bool
			if _, found, more = m.Teacher[i].get(st, n); found {
				return DropTeacher
			}
		}
	}
	return Kept
}

func school(reg *registry.Registry, s string) registry.UAI {
	uai, err := registry.ParseUAI(s)
	if err != nil {
		return 0
	}
	if _, known := reg.SchoolIndex(uai); !known {
		return 0
	}
	return uai
}

// times gives the event's hour and its receive time in seconds. An event later
// than its receive time counts at receive time.
func times(st *xapi.Statement, at Reception) (hour int32, received int64) {
	happened := st.Timestamp
	if happened.IsZero() {
		happened = st.Stored
	}
	if happened.IsZero() {
		happened = at.Time
	}
	received = at.Time.Unix()
	if at.DataClock {
		received = happened.Unix()
	}
	return hourOf(min(happened.Unix(), received)), received
}

// hourOf is the hour in which a second lies, also before 1970.
func hourOf(seconds int64) int32 {
	hour := seconds / 3600
	if seconds%3600 < 0 {
		hour--
	}
	return int32(hour)
}
