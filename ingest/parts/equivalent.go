package parts

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"brume/schemas/xapi"
)

// equivalent compares two valid statements as the specification asks (Data
// 2.3.1, Statement Comparison): what a receiver may assign, what may be written
// in more than one way, verbs' displays and activities' definitions do not
// count. Signatures do not count either: each was made before it was added.
func equivalent(a, b string) bool {
	x, okX := normal("", jsontext.Value(a)).(map[string]any)
	y, okY := normal("", jsontext.Value(b)).(map[string]any)
	if !okX || !okY {
		return false
	}
	for _, assigned := range []string{"authority", "stored", "version"} {
		delete(x, assigned)
		delete(y, assigned)
	}
	for _, may := range []string{"id", "timestamp"} {
		if x[may] == nil || y[may] == nil {
			delete(x, may)
			delete(y, may)
		}
	}
	return reflect.DeepEqual(x, y)
}

// normal brings a member of a statement to one form: objects to maps, arrays to
// slices, the rest to text that is equal when the values are. It returns nil
// for what does not count.
func normal(name string, v jsontext.Value) any {
	switch {
	case name == "definition":
		return nil
	case name == "extensions":
		return canonical(v)
	}
	switch v.Kind() {
	case '{':
		return object(name, v)
	case '[':
		return array(name, v)
	case '"':
		var s string
		if json.Unmarshal(v, &s) != nil {
			return nil
		}
		return text(name, s)
	}
	return canonical(v)
}

func object(name string, v jsontext.Value) any {
	var members map[string]jsontext.Value
	if json.Unmarshal(v, &members) != nil {
		return nil
	}
	m := make(map[string]any, len(members))
	for key, value := range members {
		if key == "display" && name == "verb" {
			continue
		}
		n := normal(key, value)
		if one, ok := n.(map[string]any); ok && name == "contextActivities" {
			n = []any{one} // a single activity stands for an array of one
		}
		if n != nil {
			m[key] = n
		}
	}
	return m
}

// array keeps the order, but for the members of a group, which have none.
func array(name string, v jsontext.Value) any {
	var values []jsontext.Value
	if json.Unmarshal(v, &values) != nil {
		return nil
	}
	list := make([]any, 0, len(values))
	for _, value := range values {
		n := normal("", value)
		if name == "attachments" && isSignature(n) {
			continue
		}
		list = append(list, n)
	}
	if name == "member" {
		for i := range list { // from here on only their text counts
			list[i] = sortKey(list[i])
		}
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	}
	if name == "attachments" && len(list) == 0 {
		return nil
	}
	return list
}

func isSignature(n any) bool {
	m, _ := n.(map[string]any)
	return m["usageType"] == signatureUsage
}

func sortKey(v any) string {
	b, _ := json.Marshal(v, json.Deterministic(true)) // maps, slices and text
	return string(b)
}

// text is a string that equal values share; nil when it says what its absence
// says too.
func text(name, s string) any {
	switch name {
	case "objectType":
		if s == "Agent" || s == "Activity" {
			return nil
		}
	case "timestamp":
		if t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(s)); err == nil {
			return t.UTC().Format(time.RFC3339Nano)
		}
	case "duration":
		return xapi.Hundredths(s)
	case "mbox":
		local, domain, _ := strings.Cut(s, "@")
		return local + "@" + strings.ToLower(domain)
	case "mbox_sha1sum", "sha2", "language", "registration":
		return strings.ToLower(s)
	case "id":
		if xapi.ValidUUID(s) {
			return strings.ToLower(s)
		}
	}
	return s
}

func canonical(v jsontext.Value) any {
	c := v.Clone()
	if c.Canonicalize() != nil {
		return nil
	}
	return string(c)
}
