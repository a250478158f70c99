package mapping

import "brume/schemas/event"

var kindNames = map[string]event.Kind{
	"other": event.Other, "viewed": event.Viewed, "attempted": event.Attempted, "answered": event.Answered,
	"completed": event.Completed, "passed": event.Passed, "failed": event.Failed, "progressed": event.Progressed,
}

const (
	adl       = "http://adlnet.gov/expapi/verbs/"
	adlW3ID   = "https://w3id.org/xapi/adl/verbs/" // cmi5 and log-in
	video     = "https://w3id.org/xapi/video/verbs/"
	tinCan    = "http://id.tincanapi.com/verb/"
	streams   = "http://activitystrea.ms/schema/1.0/"  // H5P, Moodle
	streamsAt = "http://activitystrea.ms/"             // older Moodle plug-ins
	acrossX   = "https://w3id.org/xapi/acrossx/verbs/" // Open edX
	dodISD    = "https://w3id.org/xapi/dod-isd/verbs/" // Open edX
)

// vocabulary lists verbs by what the pupil did. Verbs of a known vocabulary
// that say nothing about learning are listed as other, so that they do not
// count as unmapped.
var vocabulary = []struct {
	kind  event.Kind
	space string
	verbs []string
}{
	{event.Viewed, adl, []string{"experienced", "attended", "launched", "interacted"}},
	{event.Attempted, adl, []string{"attempted", "initialized", "resumed"}},
	{event.Answered, adl, []string{"answered", "responded"}},
	{event.Completed, adl, []string{"completed"}},
	{event.Passed, adl, []string{"passed", "mastered"}},
	{event.Failed, adl, []string{"failed"}},
	{event.Progressed, adl, []string{"progressed", "suspended"}},
	{event.Other, adl, []string{"asked", "commented", "exited", "imported", "preferred", "registered", "scored", "shared", "terminated"}},

	{event.Completed, adlW3ID, []string{"satisfied"}},
	{event.Other, adlW3ID, []string{"abandoned", "waived", "logged-in", "logged-out"}},

	{event.Viewed, video, []string{"played"}},
	{event.Progressed, video, []string{"paused", "seeked"}},

	{event.Viewed, tinCan, []string{"viewed", "previewed", "downloaded", "read"}},
	{event.Attempted, tinCan, []string{"began"}},
	{event.Completed, tinCan, []string{"earned"}},
	{event.Other, tinCan, []string{"skipped", "rated", "voted-up", "voted-down", "replied", "replied-to-tweet", "unregistered", "requested", "focused", "unfocused", "evaluated", "enrolled", "hired", "laughed"}},

	{event.Viewed, streams, []string{"open", "read", "watch", "listen", "access", "consume", "experience", "play", "attend", "view"}},
	{event.Attempted, streams, []string{"start"}},
	{event.Answered, streams, []string{"submit"}},
	{event.Completed, streams, []string{"complete"}},
	{event.Other, streams, []string{"create", "update", "delete", "join", "leave", "like", "share", "receive"}},
	{event.Answered, streamsAt, []string{"submit"}},
	{event.Attempted, streamsAt, []string{"start"}},

	{event.Viewed, acrossX, []string{"viewed", "watched", "accessed"}},
	{event.Other, acrossX, []string{"evaluated", "posted", "edited", "reported", "liked", "searched"}},
	{event.Viewed, dodISD, []string{"navigated"}},
	{event.Other, dodISD, []string{"deleted"}},
}

// commonVerbs is the vocabulary by verb IRI, before a mapping's own verbs.
var commonVerbs = func() map[string]event.Kind {
	m := map[string]event.Kind{}
	for _, v := range vocabulary {
		for _, name := range v.verbs {
			m[v.space+name] = v.kind
		}
	}
	return m
}()

// Kind says what a verb means; known is false for verbs that neither the
// mapping nor the common table lists.
func (m *Mapping) Kind(verb string) (kind event.Kind, known bool) {
	kind, known = m.verbs[verb]
	return kind, known
}
