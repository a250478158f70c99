package portal

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"brume/internal/look"
)

//go:embed codes.tsv
var codesFile []byte

// Code is a kind of problem that the endpoint answers with. A test compares
// the list with what the endpoint's source can answer.
type Code struct {
	Name   string
	Status int
	texts  map[string]string // plain explanation, by language
}

// Codes lists every code, in the order of the documentation.
func Codes() ([]Code, error) {
	r := csv.NewReader(bytes.NewReader(codesFile))
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading the codes: %w", err)
	}
	var out []Code
	for _, row := range rows[1:] {
		status, err := strconv.Atoi(row[1])
		if err != nil {
			return nil, fmt.Errorf("reading the codes: status of %s: %w", row[0], err)
		}
		out = append(out, Code{row[0], status, map[string]string{"fr": row[2], "en": row[3]}})
	}
	return out, nil
}

// Text explains the code in a language, fr or en.
func (c *Code) Text(lang string) string { return c.texts[lang] }

// postpones says that the same request may succeed later.
func (c *Code) postpones() bool {
	return c.Status == http.StatusTooManyRequests || c.Status >= http.StatusInternalServerError
}

// codes finds them by name.
type codes []Code

func (c codes) find(name string) (Code, bool) {
	if i := slices.IndexFunc(c, func(x Code) bool { return x.Name == name }); i >= 0 {
		return c[i], true
	}
	return Code{}, false
}

// in describes codes in a language, and the reasons for which a statement was
// not folded, which the texts have.
func (c codes) in(l *look.Locale) describe {
	return func(name string) (string, bool) {
		if x, ok := c.find(name); ok {
			return l.Spaced(x.Text(l.Lang)), x.postpones()
		}
		return l.T(name), false
	}
}
