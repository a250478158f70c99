package xapi

import (
	"strconv"
	"time"
)

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

const day = 24 * 3600

// parseDuration reads an ISO 8601 duration, PnW or PnYnMnDTnHnMnS with a
// fraction in the last component only, and gives seconds; a year counts 365
// days and a month 30, which only says that they are long.
func parseDuration(s string) (seconds float64, ok bool) {
	if len(s) < 3 || s[0] != 'P' {
		return 0, false
	}
	units, sizes := "YMD", []float64{365 * day, 30 * day, day}
	inTime, fractional := false, false
	for s = s[1:]; s != ""; {
		if s[0] == 'T' {
			if inTime || fractional || len(s) == 1 {
				return 0, false
			}
			inTime, units, sizes, s = true, "HMS", []float64{3600, 60, 1}, s[1:]
			continue
		}
		n, unit, rest, decimal, ok := component(s)
		if !ok || fractional {
			return 0, false
		}
		fractional = decimal
		if unit == 'W' && !inTime && rest == "" && len(units) == 3 && seconds == 0 {
			return n * 7 * day, true
		}
		i := 0
		for i < len(units) && units[i] != unit {
			i++
		}
		if i == len(units) {
			return 0, false
		}
		seconds += n * sizes[i]
		units, sizes, s = units[i+1:], sizes[i+1:], rest
	}
	return seconds, true
}

// component reads a number and the unit after it.
func component(s string) (n float64, unit byte, rest string, decimal, ok bool) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	if i == 0 || i == len(s) {
		return 0, 0, "", false, false
	}
	number := s[:i]
	if s[i] == '.' || s[i] == ',' {
		j := i + 1
		for j < len(s) && isDigit(s[j]) {
			j++
		}
		if j == i+1 || j == len(s) {
			return 0, 0, "", false, false
		}
		number, i, decimal = s[:i]+"."+s[i+1:j], j, true
	}
	n, err := strconv.ParseFloat(number, 64)
	return n, s[i], s[i+1:], decimal, err == nil
}
