package mapping

import "brume/schemas/event"

var kindNames = map[string]event.Kind{
	"other": event.Other, "viewed": event.Viewed, "attempted": event.Attempted, "answered": event.Answered,
	"completed": event.Completed, "passed": event.Passed, "failed": event.Failed, "progressed": event.Progressed,
}

// KindName is the name of a kind in mappings.
func KindName(kind event.Kind) string {
	for name, k := range kindNames {
		if k == kind {
			return name
		}
	}
	return ""
}

const (
	adl       = "http://adlnet.gov/expapi/verbs/"
	adlW3ID   = "https://w3id.org/xapi/adl/verbs/" // cmi5 and log-in
	video     = "https://w3id.org/xapi/video/verbs/"
	audio     = "https://w3id.org/xapi/audio/verbs/"
	tinCan    = "http://id.tincanapi.com/verb/"
	streams   = "http://activitystrea.ms/schema/1.0/"
	streamsAt = "http://activitystrea.ms/" // the same, as its profile and Moodle write them
	acrossX   = "https://w3id.org/xapi/acrossx/verbs/"
	dodISD    = "https://w3id.org/xapi/dod-isd/verbs/"
	tla       = "https://w3id.org/xapi/tla/verbs/"                    // Moodle
	edlm      = "https://xapi.edlm/profiles/edlm-lms/concepts/verbs/" // Moodle
	openEdX   = "https://w3id.org/xapi/openedx/verb/"                 // votes and reports
	brindle   = "https://brindlewaye.com/xAPITerms/verbs/"            // log-in, older Moodle plug-ins
)

const waived = adlW3ID + "waived"

// activityStreams are the verbs of Activity Streams 1.0 that tools use.
var activityStreams = map[event.Kind][]string{
	event.Viewed:    {"access", "attend", "consume", "experience", "listen", "open", "play", "read", "view", "watch"},
	event.Attempted: {"start"},
	event.Answered:  {"submit"},
	event.Completed: {"complete", "satisfy"},
	event.Other: {"accept", "acknowledge", "add", "agree", "append", "approve", "archive", "assign", "at", "attach", "author", "authorize",
		"borrow", "build", "cancel", "checkin", "close", "confirm", "create", "delete", "deliver", "deny", "disagree", "dislike", "favorite",
		"find", "flag-as-inappropriate", "follow", "give", "host", "ignore", "insert", "install", "interact", "invite", "join", "leave", "like",
		"lose", "make-friend", "present", "purchase", "qualify", "receive", "reject", "remove", "remove-friend", "replace", "request",
		"request-friend", "resolve", "retract", "return", "rsvp-maybe", "rsvp-no", "rsvp-yes", "save", "schedule", "search", "sell", "send",
		"share", "sponsor", "stop-following", "tag", "terminate", "tie", "unfavorite", "unlike", "unsatisfy", "unsave", "unshare", "update",
		"use", "win"},
}

// vocabulary lists verbs by what the pupil did. Verbs of a known vocabulary
// that say nothing about learning are listed as other, so that they do not
// count as unmapped.
var vocabulary = []struct {
	kind  event.Kind
	space string
	verbs []string
}{
	{event.Viewed, adl, []string{"experienced", "attended", "launched", "interacted", "downloaded"}},
	{event.Attempted, adl, []string{"attempted", "initialized", "resumed"}},
	{event.Answered, adl, []string{"answered", "responded"}},
	{event.Completed, adl, []string{"completed"}},
	{event.Passed, adl, []string{"passed", "mastered"}},
	{event.Failed, adl, []string{"failed"}},
	{event.Progressed, adl, []string{"progressed", "suspended"}},
	{event.Other, adl, []string{"asked", "commented", "exited", "imported", "preferred", "registered", "scored", "shared", "terminated",
		"copied", "accessed-reuse", "accessed-embed", "accessed-copyright"}}, // H5P, the toolbar below a content

	{event.Completed, adlW3ID, []string{"satisfied"}},
	{event.Other, adlW3ID, []string{"abandoned", "waived", "logged-in", "logged-out"}},

	{event.Viewed, video, []string{"played"}},
	{event.Progressed, video, []string{"paused", "seeked"}},
	{event.Viewed, audio, []string{"played"}},
	{event.Progressed, audio, []string{"paused", "seeked"}},

	{event.Viewed, tinCan, []string{"viewed", "previewed", "downloaded", "read", "reviewed", "frame/entered"}},
	{event.Attempted, tinCan, []string{"began"}},
	{event.Answered, tinCan, []string{"selected"}},
	{event.Completed, tinCan, []string{"earned"}},
	{event.Progressed, tinCan, []string{"paused", "frame/exited"}},
	{event.Other, tinCan, []string{"adjourned", "applauded", "arranged", "bookmarked", "called", "closed-sale", "created-opportunity", "defined",
		"disabled", "discarded", "enabled", "enrolled", "estimated-duration", "evaluated", "expected", "expired", "focused", "hired",
		"interviewed", "laughed", "live", "marked-unread", "mentioned", "mentored", "performed-offline", "personalized", "promoted", "rated",
		"replied", "replied-to-tweet", "requested", "requested-attention", "retweeted", "secured", "skipped", "talked-with", "tweeted",
		"unfocused", "unregistered", "unsecured", "voted-down", "voted-up"}},

	{event.Viewed, acrossX, []string{"viewed", "watched", "accessed", "revealed"}},
	{event.Other, acrossX, []string{"annotated", "designed", "disliked", "edited", "evaluated", "liked", "posted", "reported", "searched", "was-assigned"}},
	{event.Viewed, dodISD, []string{"navigated", "accessed"}},
	{event.Answered, dodISD, []string{"answered"}},
	{event.Completed, dodISD, []string{"completed", "completed-assignment"}},
	{event.Other, dodISD, []string{"assessed", "deleted", "edited", "published"}},

	{event.Viewed, tla, []string{"launched"}},
	{event.Attempted, tla, []string{"initialized", "resumed"}},
	{event.Completed, tla, []string{"completed"}},
	{event.Passed, tla, []string{"passed"}},
	{event.Failed, tla, []string{"failed"}},
	{event.Progressed, tla, []string{"suspended", "progressed"}},
	{event.Other, tla, []string{"achieved", "forfeited", "scored", "verified", "registered", "terminated", "abandoned"}},
	{event.Attempted, edlm, []string{"restarted"}},
	{event.Other, edlm, []string{"enrolled", "exceeded", "locked", "login", "logout", "subscribed", "toured", "uncompleted", "unlocked", "unsubscribed"}},
	{event.Other, openEdX, []string{"voted", "unreported"}},
	{event.Other, brindle, []string{"loggedin", "loggedout"}},
}

// commonVerbs is the vocabulary by verb IRI, before a mapping's own verbs.
var commonVerbs = func() map[string]event.Kind {
	m := map[string]event.Kind{}
	for _, v := range vocabulary {
		for _, name := range v.verbs {
			m[v.space+name] = v.kind
		}
	}
	for kind, names := range activityStreams {
		for _, name := range names {
			m[streams+name], m[streamsAt+name] = kind, kind
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
