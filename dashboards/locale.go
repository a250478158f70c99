package dashboards

import (
	"embed"
	"math"
	"strings"
	"time"

	"brume/aggregate/query"
	"brume/internal/look"
)

//go:embed web
var web embed.FS

// locale writes words, numbers and days in one language.
type locale struct {
	*look.Locale
	prefix string // of paths: "" or "/en"
}

func newLocale(lang, prefix string) (*locale, error) {
	texts, err := look.NewLocale(lang, web, "web/text."+lang+".json")
	if err != nil {
		return nil, err
	}
	return &locale{texts, prefix}, nil
}

// week writes "du 14 au 20 septembre 2026" for the week that begins on d.
func (l *locale) week(d time.Time) string { return l.days(d, d.AddDate(0, 0, 6)) }

// days writes the days from d to end, both included.
func (l *locale) days(d, end time.Time) string {
	from := l.Day(d)
	switch {
	case d.Month() == end.Month() && d.Year() == end.Year():
		from, _, _ = strings.Cut(from, "\u00a0")
	case d.Year() == end.Year():
		from = from[:len(from)-len(" 2006")]
	}
	return l.T("week.range", from, l.Day(end))
}

// isRate tells fractions, written in percent, from counts.
func isRate(m query.Measure) bool { return m == query.ActiveShare || m == query.SuccessRate }

// delta writes a small probability in words: "une chance sur un milliard".
func (l *locale) delta(v float64) string {
	if !(v > 0) {
		return "0"
	}
	return l.T("delta.words", l.Number(math.Round(1/v), 0))
}
