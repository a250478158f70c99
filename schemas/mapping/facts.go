package mapping

import (
	"math"
	"strconv"
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
// not stated.
func outcome(success xapi.Bool, kind event.Kind) event.Outcome {
	switch {
	case success == xapi.True, success == xapi.Absent && kind == event.Passed:
		return event.Success
	case success == xapi.False, success == xapi.Absent && kind == event.Failed:
		return event.Failure
	}
	return event.NoOutcome
}

// score gives thousandths of the scaled score, at least 0, or of raw's place
// between min (0 when absent) and max.
func score(s *xapi.Score) int16 {
	scaled := s.Scaled
	if !s.HasScaled {
		if !s.HasRaw || !s.HasMax || s.Max <= s.Min {
			return event.NoScore
		}
		scaled = (s.Raw - s.Min) / (s.Max - s.Min)
	}
	if math.IsNaN(scaled) {
		return event.NoScore // min and max so far apart that their difference overflows
	}
	return int16(math.Round(1000 * min(max(scaled, 0), 1)))
}

const playedSegments = "https://w3id.org/xapi/video/extensions/played-segments"

// duration gives whole seconds from the result's duration, else from the
// video profile's played segments; more than four hours is no duration.
func duration(r *xapi.Result) int32 {
	seconds := r.Duration
	if !r.HasDuration {
		text, ok := r.Extensions.Get(playedSegments)
		if !ok {
			return event.NoDuration
		}
		if text, ok = scalar(text, nil); !ok {
			return event.NoDuration
		}
		if seconds, ok = played(text); !ok {
			return event.NoDuration
		}
	}
	if seconds > event.MaxDuration {
		return event.NoDuration
	}
	return int32(math.Round(seconds))
}

// played adds up segments written "from[.]to[,]from[.]to"; a segment without
// an end is still being played and does not count yet.
func played(segments string) (seconds float64, ok bool) {
	for segment := range strings.SplitSeq(segments, "[,]") {
		start, end, closed := strings.Cut(segment, "[.]")
		if !closed {
			continue
		}
		from, err1 := strconv.ParseFloat(strings.TrimSpace(start), 64)
		to, err2 := strconv.ParseFloat(strings.TrimSpace(end), 64)
		if length := to - from; err1 == nil && err2 == nil && length >= 0 {
			seconds += length
			ok = true
		}
	}
	return seconds, ok
}
