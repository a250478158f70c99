package xapi

import (
	"strconv"
	"strings"
)

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

// Hundredths cuts a valid duration after hundredths of a second: what is beyond
// them does not count when statements are compared (Data 4.6).
func Hundredths(duration string) string {
	point := strings.IndexAny(duration, ".,")
	if point < 0 || !strings.HasSuffix(duration, "S") {
		return duration
	}
	fraction := duration[point+1 : len(duration)-1]
	kept := strings.TrimRight(fraction[:min(2, len(fraction))], "0")
	switch {
	case kept == "":
		return duration[:point] + "S"
	case kept == fraction && duration[point] == '.':
		return duration
	}
	return duration[:point] + "." + kept + "S"
}
