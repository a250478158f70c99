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
	return m.event(st, reg, at, nil)
}

// event maps a statement and tells x, which may be nil, how.
func (m *Mapping) event(st *xapi.Statement, reg *registry.Registry, at Reception, x *Explanation) (e event.Event, reason Drop, ok bool) {
	if reason = m.drop(st, x); reason != Kept {
		return event.Event{}, reason, false
	}
	if len(st.Actor.HomePage)+len(st.Actor.Value) > event.MaxName { // before anybody copies it
		return event.Event{}, DropLongActor, false
	}
	actor, scope := Canonical(&st.Actor)
	if len(actor) > event.MaxName {
		return event.Event{}, DropLongActor, false
	}
	e = event.Event{
		Actor:     event.NewActor(actor),
		Scope:     scope,
		Publisher: at.Number,
		School:    lookup(m.School, st, func(s string) registry.UAI { return school(reg, s) }, x.trail(fieldSchool)),
		Level:     lookup(m.Level, st, reg.LevelID, x.trail(fieldLevel)),
		Subject:   lookup(m.Subject, st, reg.SubjectID, x.trail(fieldSubject)),
		Kind:      m.kind(st, x),
		Duration:  m.duration(st, x),
	}
	var from origin
	e.Outcome, from = outcome(st.Verb, st.Result.Success, e.Kind)
	x.origin(fieldOutcome, from)
	e.Score, from = score(&st.Result.Score)
	x.origin(fieldScore, from)
	if st.Object.Type == xapi.Activity {
		e.Tool = reg.ToolByActivity(at.Publisher, st.Object.ID)
	}
	e.Hour, e.Received, from = times(st, at)
	x.origin(fieldHour, from)
	return e, Kept, true
}

func (m *Mapping) drop(st *xapi.Statement, x *Explanation) Drop {
	switch {
	case st.Actor.Group:
		return DropGroup
	case st.Verb == xapi.Voided:
		return DropVoiding
	case st.Actor.Value == "":
		return DropAnonymous
	case !m.identifiers[st.Actor.Identifier]:
		return DropIdentity
	case holds(m.Teacher, st, x.trail(fieldTeacher)):
		return DropTeacher
	}
	return Kept
}

// kind is what the verb means; what is done to a part of an activity is
// progress on the whole.
func (m *Mapping) kind(st *xapi.Statement, x *Explanation) event.Kind {
	kind, known := m.verbs[st.Verb]
	from := fromVerb
	if !known {
		from = noVerb
	}
	if len(m.Whole) > 0 && (kind == event.Completed || kind == event.Passed || kind == event.Failed) && !holds(m.Whole, st, x.trail(fieldKind)) {
		kind, from = event.Progressed, fromPart
	}
	x.origin(fieldKind, from)
	return kind
}

// duration is the statement's, where the mapping takes it from this one.
func (m *Mapping) duration(st *xapi.Statement, x *Explanation) int32 {
	if len(m.Duration) > 0 && !holds(m.Duration, st, x.trail(fieldDuration)) {
		x.origin(fieldDuration, fromOthers)
		return event.NoDuration
	}
	seconds, from := duration(st)
	x.origin(fieldDuration, from)
	return seconds
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
func times(st *xapi.Statement, at Reception) (hour int32, received int64, from origin) {
	happened, from := st.Timestamp, fromTimestamp
	if happened.IsZero() {
		happened, from = st.Stored, fromStored
	}
	if happened.IsZero() {
		happened, from = at.Time, fromReceipt
	}
	received = at.Time.Unix()
	if at.DataClock {
		received = happened.Unix()
	}
	if happened.Unix() > received {
		return hourOf(received), received, fromFuture
	}
	return hourOf(happened.Unix()), received, from
}

// hourOf is the hour in which a second lies, also before 1970.
func hourOf(seconds int64) int32 {
	hour := seconds / 3600
	if seconds%3600 < 0 {
		hour--
	}
	return int32(hour)
}
