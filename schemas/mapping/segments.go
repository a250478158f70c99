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
// of seconds within a day, or runs backwards, is skipped.
func played(segments string) (seconds float64, ok bool) {
	n := 0
	for segment := range strings.SplitSeq(segments, "[,]") {
		if n++; n > maxSegments {
			return 0, false
		}
		if length, valid := segmentLength(segment); valid {
			seconds += length
			ok = true
		}
	}
	return seconds, ok
}

// ended is the length of the last segment, when it has an end. Players repeat
// the segments of the whole session in every statement, so that paused and
// seeked say only by the last one what was watched since the one before.
func ended(segments string) (seconds float64, ok bool) {
	if i := strings.LastIndex(segments, "[,]"); i >= 0 {
		segments = segments[i+len("[,]"):]
	}
	return segmentLength(segments)
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
