package mapping

import (
	"math"
	"strings"

	"brume/schemas/event"
	"brume/schemas/xapi"
)

// Canonical returns the one form of an actor that all statements about the
// same identifier share, and its identity scope. It names a person: callers
// MUST keep it only in an event. An IRI holds no "|", so account forms are
// unambiguous.
func Canonical(a *xapi.Actor) (actor, scope string) {
	switch a.Identifier {
	case xapi.Account:
		return "account:" + a.HomePage + "|" + a.Value, a.HomePage
	case xapi.Mbox:
		local, domain, _ := strings.Cut(strings.TrimPrefix(a.Value, "mailto:"), "@")
		return "mbox:" + local + "@" + strings.ToLower(domain), "mbox"
	case xapi.MboxSHA1:
		return "mbox_sha1sum:" + a.Value, "mbox_sha1sum"
	case xapi.OpenID:
		return "openid:" + a.Value, "openid"
	}
	return "", ""
}

// outcome takes the statement's success; passed and failed imply it when it is
// not stated. A unit that was waived is nobody's success.
func outcome(verb string, success xapi.Bool, kind event.Kind) (event.Outcome, origin) {
	switch {
	case verb == waived:
		return event.NoOutcome, fromWaived
	case success == xapi.True:
		return event.Success, fromSuccess
	case success == xapi.False:
		return event.Failure, fromSuccess
	case kind == event.Passed:
		return event.Success, fromVerb
	case kind == event.Failed:
		return event.Failure, fromVerb
	}
	return event.NoOutcome, notStated
}

// score gives thousandths of the scaled score, at least 0, or of raw's place
// between min (0 when absent) and max.
func score(s *xapi.Score) (int16, origin) {
	scaled, from := s.Scaled, fromScaled
	if !s.HasScaled {
		switch {
		case !s.HasRaw:
			return event.NoScore, notStated
		case !s.HasMax, s.Max <= s.Min:
			return event.NoScore, noScale
		}
		scaled, from = (s.Raw-s.Min)/(s.Max-s.Min), fromRaw
	}
	if math.IsNaN(scaled) {
		return event.NoScore, noScale // min and max so far apart that their difference overflows
	}
	return int16(math.Round(1000 * min(max(scaled, 0), 1))), from
}

// duration gives whole seconds from the result's duration, else from the
// video profile's played segments; more than four hours is no duration.
func duration(st *xapi.Statement) (int32, origin) {
	seconds, from := st.Result.Duration, fromDuration
	if st.Result.DurationText == "" {
		text, ok := st.Result.Extensions.Get(playedSegments)
		if !ok {
			return event.NoDuration, notStated
		}
		if text, ok = scalar(text, nil); !ok {
			return event.NoDuration, badSegments
		}
		read := played
		if from = fromSegments; st.Verb == paused || st.Verb == seeked {
			read, from = ended, fromLastSegment
		}
		if seconds, ok = read(text); !ok {
			return event.NoDuration, badSegments
		}
	}
	if seconds > event.MaxDuration {
		return event.NoDuration, tooLong
	}
	return int32(math.Round(seconds)), from
}
