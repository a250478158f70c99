package mapping

import (
	"regexp"

	"brume/schemas/event"
	"brume/schemas/xapi"
)

// Mapping says how one publisher's statements become events. Within school,
// level and subject the first rule that yields a code of the registry wins.
type Mapping struct {
	Name        string            `yaml:"name"`
	Version     int               `yaml:"version"`
	Identifiers []string          `yaml:"identifiers"` // accepted kinds: account, mbox, mbox_sha1sum, openid; all when empty
	Teacher     []Rule            `yaml:"teacher"`     // a statement in which one of these holds is not about a pupil
	School      []Rule            `yaml:"school"`
	Level       []Rule            `yaml:"level"`
	Subject     []Rule            `yaml:"subject"`
	Verbs       map[string]string `yaml:"verbs"`    // verb IRI to kind, before the common table
	Whole       []Rule            `yaml:"whole"`    // where none of these holds, completed, passed and failed are about a part: progressed
	Duration    []Rule            `yaml:"duration"` // where none of these holds, the duration is one that other statements count

	verbs       map[string]event.Kind
	identifiers [xapi.Account + 1]bool
}

// Rule finds a value in a statement. It has pointers or a fixed value. What
// stands at a pointer is read in the order of the fields below.
type Rule struct {
	Pointer Pointers          `yaml:"pointer"`
	Prefix  string            `yaml:"prefix"` // the value must begin so; what follows it counts
	Match   string            `yaml:"match"`  // RE2, of the whole value; its group counts when it has one
	Table   map[string]string `yaml:"table"`  // translates the value; others pass unchanged
	Values  []string          `yaml:"values"` // the value must be one of these
	Absent  bool              `yaml:"absent"` // holds where nothing stands at any pointer
	Fixed   string            `yaml:"fixed"`  // the value, whatever the statement says

	paths []path
	match *regexp.Regexp

	instructions int // of match
}

// maxMatch is the longest text that is held against a pattern: longer ones do
// not match, so that a hostile value costs little.
const maxMatch = 96

// read turns a text that stands at a pointer into the rule's value; false when
// it does not fit the rule.
func (r *Rule) read(text string) (value string, ok bool) {
	if len(text) < len(r.Prefix) || text[:len(r.Prefix)] != r.Prefix {
		return "", false
	}
	text = text[len(r.Prefix):]
	if r.match != nil {
		if text, ok = r.group(text); !ok {
			return "", false
		}
	}
	if to, ok := r.Table[text]; ok {
		text = to
	}
	if len(r.Values) > 0 && !contains(r.Values, text) {
		return "", false
	}
	return text, text != ""
}

// group returns the pattern's group, or the text itself when it has none.
func (r *Rule) group(text string) (string, bool) {
	if len(text) > maxMatch {
		return "", false
	}
	if r.match.NumSubexp() == 0 {
		return text, r.match.MatchString(text)
	}
	at := r.match.FindStringSubmatchIndex(text)
	if at == nil || at[2] < 0 {
		return "", false
	}
	return text[at[2]:at[3]], true
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}
