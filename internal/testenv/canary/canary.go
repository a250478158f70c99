// Package canary makes values that occur nowhere else, and finds them in
// whatever form they come back.
package canary

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// Stem begins every canary. It may stand in IRIs, addresses and names.
const Stem = "kanarie7x"

var number = regexp.MustCompile(`(?i)` + Stem + `[a-z]{2}`)

// Cage hands out canaries and knows which field each was put in.
type Cage struct{ fields []string }

// Of returns the canary of a field: the stem and two letters.
func (c *Cage) Of(field string) string {
	n := slices.Index(c.fields, field)
	if n < 0 {
		n = len(c.fields)
		c.fields = append(c.fields, field)
	}
	if n == 26*26 {
		panic("no more canaries")
	}
	return Stem + string(rune('a'+n/26)) + string(rune('a'+n%26))
}

// Names lists the fields that have a canary.
func (c *Cage) Names() []string { return slices.Clone(c.fields) }

// Fields lists the fields whose canaries occur in a text as they are.
func (c *Cage) Fields(text []byte) (found []string) {
	for _, m := range number.FindAll(text, -1) {
		m = bytes.ToLower(m[len(Stem):])
		if i := int(m[0]-'a')*26 + int(m[1]-'a'); i < len(c.fields) && !slices.Contains(found, c.fields[i]) {
			found = append(found, c.fields[i])
		}
	}
	return found
}

// form is what the stem looks like in an encoding.
type form struct{ name, text string }

var forms = func() (all []form) {
	for _, stem := range []string{Stem, strings.ToUpper(Stem)} {
		percent, escaped := "", ""
		for _, b := range []byte(stem) {
			percent += fmt.Sprintf("%%%02x", b)
			escaped += fmt.Sprintf(`\u%04x`, b)
		}
		wide := ""
		for _, u := range utf16.Encode([]rune(stem)) {
			wide += string([]byte{byte(u), 0})
		}
		all = append(all, form{"as it is", stem}, form{"in hexadecimal", hex.EncodeToString([]byte(stem))},
			form{"URL-escaped", percent}, form{"JSON-escaped", escaped}, form{"in UTF-16", wide})
		for shift := range 3 { // the stem may begin at any byte of a group of three
			text := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + stem))
			from, to := (shift*8+5)/6, (shift+len(stem))*8/6 // characters that the stem alone decides
			all = append(all, form{"in base64", text[from:to]})
		}
	}
	return all
}()

// Find says how a canary occurs in a text, and where; at is -1 when none does.
// Upper and lower case are the same.
func Find(text []byte) (how string, at int) {
	folded := bytes.ToLower(text)
	for _, f := range forms {
		in, want := folded, strings.ToLower(f.text)
		if f.name == "in base64" {
			in, want = text, f.text // there case is the value
		}
		if i := bytes.Index(in, []byte(want)); i >= 0 {
			return f.name, i
		}
	}
	return "", -1
}

// Around is what stands around a place of a text, for people to read.
func Around(text []byte, at int) string {
	return fmt.Sprintf("…%q…", text[max(0, at-80):min(len(text), at+80)])
}
