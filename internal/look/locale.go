package look

import (
	"encoding/json/v2"
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Locale writes words, numbers and days in one language.
type Locale struct {
	Lang  string // "fr" or "en"
	Texts map[string]string
}

// NewLocale reads the texts from a JSON file: one object, text by key.
func NewLocale(lang string, files fs.FS, file string) (*Locale, error) {
	data, err := fs.ReadFile(files, file)
	if err != nil {
		return nil, fmt.Errorf("reading texts: %w", err)
	}
	l := &Locale{Lang: lang}
	if err := json.Unmarshal([]byte(l.Spaced(string(data))), &l.Texts); err != nil {
		return nil, fmt.Errorf("reading texts in %s: %w", lang, err)
	}
	return l, nil
}

var highPunctuation = regexp.MustCompile(` [:;?!»]([^=]|$)|« | %([ %.,;)"]|$)`)

// Spaced puts no-break spaces where French typography wants them.
func (l *Locale) Spaced(text string) string {
	if l.Lang != "fr" {
		return text
	}
	return highPunctuation.ReplaceAllStringFunc(text, func(s string) string {
		if s == "« " {
			return "«\u00a0"
		}
		return "\u00a0" + s[1:]
	})
}

// T returns a text, with its arguments filled in. An unknown key is a fault
// that each user's TestTexts finds; it shows as the key.
func (l *Locale) T(key string, args ...any) string {
	text, ok := l.Texts[key]
	if !ok {
		return key
	}
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

// TN returns the text of key in the number that n asks for: "key.one" or
// "key.other". French counts 0 as one.
func (l *Locale) TN(key string, n float64, args ...any) string {
	if n == 1 || (l.Lang == "fr" && n < 2) {
		return l.T(key+".one", args...)
	}
	return l.T(key+".other", args...)
}

// Number writes v with the given decimals: "1 240,5" or "1,240.5".
func (l *Locale) Number(v float64, decimals int) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(s, ".")
	group, point := ",", "."
	if l.Lang == "fr" {
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

// Count writes a whole number.
func (l *Locale) Count(n int) string { return l.Number(float64(n), 0) }

// Percent writes v, which is in percent, with the given decimals.
func (l *Locale) Percent(v float64, decimals int) string {
	if l.Lang == "fr" {
		return l.Number(v, decimals) + "\u00a0%"
	}
	return l.Number(v, decimals) + "%"
}

// Day writes "14 septembre 2026" or "14 September 2026".
func (l *Locale) Day(d time.Time) string { return fmt.Sprintf("%s %d", l.DayMonth(d), d.Year()) }

// DayMonth writes "14 septembre" or "14 September".
func (l *Locale) DayMonth(d time.Time) string {
	number := strconv.Itoa(d.Day())
	if l.Lang == "fr" && d.Day() == 1 {
		number = "1er"
	}
	return number + "\u00a0" + l.Month(d)
}

// Month names the month of d: the key "months" lists them.
func (l *Locale) Month(d time.Time) string {
	return strings.Split(l.Texts["months"], " ")[d.Month()-1]
}

// ShortMonth is the same, from "months.short".
func (l *Locale) ShortMonth(d time.Time) string {
	return strings.Split(l.Texts["months.short"], " ")[d.Month()-1]
}
