package dashboards

import (
	"embed"
	"encoding/json/v2"
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"brume/aggregate/query"
)

//go:embed web
var web embed.FS

// locale writes words, numbers and days in one language.
type locale struct {
	lang   string // "fr" or "en"
	prefix string // of paths: "" or "/en"
	texts  map[string]string
}

func newLocale(lang, prefix string) (*locale, error) {
	data, err := fs.ReadFile(web, "web/text."+lang+".json")
	if err != nil {
		return nil, fmt.Errorf("reading texts: %w", err)
	}
	l := &locale{lang: lang, prefix: prefix}
	if err := json.Unmarshal([]byte(l.spaced(string(data))), &l.texts); err != nil {
		return nil, fmt.Errorf("reading texts in %s: %w", lang, err)
	}
	return l, nil
}

var highPunctuation = regexp.MustCompile(` [:;?!»]([^=]|$)|« | %([ %.,;)"]|$)`)

// spaced puts no-break spaces where French typography wants them.
func (l *locale) spaced(text string) string {
	if l.lang != "fr" {
		return text
	}
	return highPunctuation.ReplaceAllStringFunc(text, func(s string) string {
		if s == "« " {
			return "«\u00a0"
		}
		return "\u00a0" + s[1:]
	})
}

// t returns a text, with its arguments filled in. An unknown key is a fault
// that TestTexts finds; it shows as the key.
func (l *locale) t(key string, args ...any) string {
	text, ok := l.texts[key]
	if !ok {
		return key
	}
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

// tn returns the text of key in the number that n asks for: "key.one" or
// "key.other". French counts 0 as one.
func (l *locale) tn(key string, n float64, args ...any) string {
	if n == 1 || (l.lang == "fr" && n < 2) {
		return l.t(key+".one", args...)
	}
	return l.t(key+".other", args...)
}

// number writes v with the given decimals: "1 240,5" or "1,240.5".
func (l *locale) number(v float64, decimals int) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(s, ".")
	group, point := ",", "."
	if l.lang == "fr" {
		group, point = "\u202f", ","
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	if fraction != "" {
		whole += point + fraction
	}
	if v < 0 && strings.Trim(s, "0.") != "" {
		whole = "\u2212" + whole
	}
	return whole
}

func (l *locale) count(n int) string { return l.number(float64(n), 0) }

func (l *locale) percent(v float64, decimals int) string {
	if l.lang == "fr" {
		return l.number(v, decimals) + "\u00a0%"
	}
	return l.number(v, decimals) + "%"
}

// day writes "14 septembre 2026" or "14 September 2026".
func (l *locale) day(d time.Time) string { return fmt.Sprintf("%s %d", l.dayMonth(d), d.Year()) }

func (l *locale) dayMonth(d time.Time) string {
	number := strconv.Itoa(d.Day())
	if l.lang == "fr" && d.Day() == 1 {
		number = "1er"
	}
	return number + "\u00a0" + l.month(d)
}

// week writes "du 14 au 20 septembre 2026" for the week that begins on d.
func (l *locale) week(d time.Time) string {
	end := d.AddDate(0, 0, 6)
	from := l.day(d)
	switch {
	case d.Month() == end.Month():
		from, _, _ = strings.Cut(from, "\u00a0")
	case d.Year() == end.Year():
		from = from[:len(from)-len(" 2006")]
	}
	return l.t("week.range", from, l.day(end))
}

func (l *locale) month(d time.Time) string {
	return strings.Split(l.texts["months"], " ")[d.Month()-1]
}

func (l *locale) shortMonth(d time.Time) string {
	return strings.Split(l.texts["months.short"], " ")[d.Month()-1]
}

// isRate tells fractions, written in percent, from counts.
func isRate(m query.Measure) bool { return m == query.ActiveShare || m == query.SuccessRate }

// delta writes a small probability in words: "une chance sur un milliard".
func (l *locale) delta(v float64) string {
	if !(v > 0) {
		return "0"
	}
	return l.t("delta.words", l.number(math.Round(1/v), 0))
}
