package mapping

import (
	"strconv"
	"strings"
)

const (
	playedSegments = "https://w3id.org/xapi/video/extensions/played-segments"
	paused         = video + "paused"
	seeked         = video + "seeked"
)

const (
	maxSegments = 256    // in one value; more are no duration
	maxPosition = 86_400 // seconds: no video is longer than a day
)

// played adds up segments written "from[.]to[,]from[.]to". A segment without
// an end is still being played and does not count yet; one that is no number
// of seconds within a day, or runs backwards, is skipped. Players repeat all
// segments of a session in every statement: with last, only the one that just
// ended counts.
func played(segments string, last bool) (seconds float64, ok bool) {
	for n := 0; segments != ""; n++ {
		if n == maxSegments {
			return 0, false
		}
		segment := segments
		if at := strings.LastIndex(segments, "[,]"); at >= 0 {
			segments, segment = segments[:at], segments[at+len("[,]"):]
		} else {
			segments = ""
		}
		length, valid := segmentLength(segment)
		if !valid {
			continue
		}
		seconds += length
		ok = true
		if last {
			break
		}
	}
	return seconds, ok
}

func segmentLength(segment string) (seconds float64, ok bool) {
	start, end, closed := strings.Cut(segment, "[.]")
	if !closed {
		return 0, false
	}
	from, ok1 := position(start)
	to, ok2 := position(end)
	return to - from, ok1 && ok2 && from <= to
}

// position reads a place in a video.
func position(s string) (seconds float64, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 32 {
		return 0, false
	}
	seconds, err := strconv.ParseFloat(s, 64)
	return seconds, err == nil && 0 <= seconds && seconds <= maxPosition
}
