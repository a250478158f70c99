package mapping

import (
	"brume/schemas/event"
	"brume/schemas/xapi"
)

// Mapping says how one publisher's statements become events. Within school,
// level and subject the first rule that yields a code of the registry wins.
type Mapping struct {
	Name        string            `yaml:"name"`
	Version     int               `yaml:"version"`
	Identifiers []string          `yaml:"identifiers"` // accepted kinds: account, mbox, mbox_sha1sum, openid; all when empty
	Teacher     []Rule            `yaml:"teacher"`     // a statement with one of these values is not about a pupil
	School      []Rule            `yaml:"school"`
	Level       []Rule            `yaml:"level"`
	Subject     []Rule            `yaml:"subject"`
	Verbs       map[string]string `yaml:"verbs"` // verb IRI to kind, before the common table

	verbs       map[string]event.Kind
	identifiers [xapi.Account + 1]bool
}

// Rule finds a value in a statement. It has a pointer or a fixed value.
type Rule struct {
	Pointer string            `yaml:"pointer"` // JSON Pointer; * stands for any position of an array
	Prefix  string            `yaml:"prefix"`  // the value must begin so; what follows it counts
	Table   map[string]string `yaml:"table"`   // translates the value; others pass unchanged
	Values  []string          `yaml:"values"`  // the value must be one of these
	Fixed   string            `yaml:"fixed"`   // the value, whatever the statement says

	path path
}

// get returns the i-th value that the rule finds before translation; more says
// whether to ask for the next one.
func (r *Rule) get(st *xapi.Statement, i int) (value string, found, more bool) {
	if r.Fixed != "" {
		return r.Fixed, true, false
	}
	text, more := r.path.at(st, i)
	if !more || len(text) < len(r.Prefix) || text[:len(r.Prefix)] != r.Prefix {
		return "", false, more
	}
	text = text[len(r.Prefix):]
	if to, ok := r.Table[text]; ok {
		text = to
	}
	if len(r.Values) > 0 && !contains(r.Values, text) {
		return "", false, more
	}
	return text, text != "", more && r.path.many
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// lookup returns the first code that the rules find and the registry knows,
// and zero (other) when there is none.
func lookup[T comparable](rules []Rule, st *xapi.Statement, code func(string) T) (known T) {
	var other T
	for i := range rules {
		for n := 0; ; n++ {
			value, found, more := rules[i].get(st, n)
			if found {
				if c := code(value); c != other {
					return c
				}
			}
			if !more {
				break
			}
		}
	}
	return other
}
