package xapi

import (
	"strings"
	"time"
)

// ParseTimestamp reads a timestamp of a statement: RFC 3339, and before 2.0 the
// ISO 8601 that 1.0.3 allows beside it.
func ParseTimestamp(s string, v2 bool) (time.Time, bool) {
	t, ok := parseTimestamp(s)
	if !ok && !v2 && len(s) <= longestTime {
		t, ok = parseTimestamp(iso8601(s))
	}
	return t, ok
}

// parseTimestamp reads an RFC 3339 timestamp; the offset -00:00, which says
// that the offset is unknown, is refused.
func parseTimestamp(s string) (time.Time, bool) {
	if len(s) < 20 || s[4] != '-' || s[7] != '-' || s[10]|0x20 != 't' || s[13] != ':' || s[16] != ':' {
		return time.Time{}, false
	}
	var n [6]int
	for i, at := range [6][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}} {
		v, ok := digits(s[at[0]:at[1]])
		if !ok {
			return time.Time{}, false
		}
		n[i] = v
	}
	if n[1] < 1 || n[1] > 12 || n[2] < 1 || n[3] > 23 || n[4] > 59 || n[5] > 60 {
		return time.Time{}, false
	}
	nanos, rest, ok := fraction(s[19:])
	if !ok {
		return time.Time{}, false
	}
	offset, ok := parseOffset(rest)
	if !ok {
		return time.Time{}, false
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], min(n[5], 59), nanos, time.UTC)
	if t.Day() != n[2] {
		return time.Time{}, false // 30 February
	}
	return t.Add(-offset), true
}

// fraction reads the decimals of the seconds, if any.
func fraction(s string) (nanos int, rest string, ok bool) {
	if s == "" || s[0] != '.' {
		return 0, s, true
	}
	i, scale := 1, int(time.Second)
	for ; i < len(s) && isDigit(s[i]); i++ {
		scale /= 10
		nanos += int(s[i]-'0') * scale
	}
	return nanos, s[i:], i > 1
}

func parseOffset(s string) (time.Duration, bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	h, ok1 := digits(s[1:3])
	m, ok2 := digits(s[4:6])
	if !ok1 || !ok2 || h > 23 || m > 59 || s == "-00:00" {
		return 0, false
	}
	offset := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

func digits(s string) (n int, ok bool) {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// iso8601 writes a date and time of ISO 8601 the way RFC 3339 does: xAPI 1.0.3
// also allows the basic format, no seconds, a decimal comma, a short offset,
// and no offset, which then is taken for UTC. Week and ordinal dates it leaves.
func iso8601(s string) string {
	date, clock, _ := strings.Cut(s, "T")
	zone := "Z"
	if i := strings.IndexAny(clock, "Z+-"); i >= 0 {
		clock, zone = clock[:i], clock[i:]
	}
	clock, decimals, fractional := strings.Cut(strings.Replace(clock, ",", ".", 1), ".")
	if len(date) == 8 && len(clock) <= 6 { // basic
		date = date[:4] + "-" + date[4:6] + "-" + date[6:]
		clock = paired(clock)
	}
	if len(zone) == 3 || len(zone) == 5 {
		zone = zone[:1] + paired(zone[1:])
	}
	if len(zone) == 3 {
		zone += ":00"
	}
	if len(clock) == 5 && !fractional {
		clock += ":00"
	}
	if fractional {
		clock += "." + decimals
	}
	return date + "T" + clock + zone
}

// paired puts a colon between pairs of digits.
func paired(s string) string {
	for i := 2; i < len(s); i += 3 {
		s = s[:i] + ":" + s[i:]
	}
	return s
}
