// Package compare says when two statements are the same: whether a statement
// has the id of another, and whether it is what was signed. Same compares their
// texts. Where no text is kept a Digest says the same, as far as it was decoded.
package compare

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"brume/schemas/xapi"
)

// MaxBytes bounds the text that one request makes Same read, which is dear.
const MaxBytes = 64 << 10

// Same compares two valid statements as the specification says (1.0.3 Data
// 2.3.1, Statement Comparison). An id or a timestamp that one of them lacks is
// the receiver's to set. The error means that a text is no JSON.
func Same(a, b string) (bool, error) {
	if a == b {
		return true, nil
	}
	x, errX := form(a)
	y, errY := form(b)
	if err := errors.Join(errX, errY); err != nil {
		return false, err
	}
	for _, may := range []string{"id", "timestamp"} {
		if x[may] == nil || y[may] == nil {
			delete(x, may)
			delete(y, may)
		}
	}
	return reflect.DeepEqual(x, y), nil
}

// form gives a statement the one form that equal ones share.
func form(text string) (map[string]any, error) {
	v := jsontext.Value(text)
	if err := v.Canonicalize(); err != nil { // numbers that no float64 holds, too
		return nil, err
	}
	var members map[string]any
	if err := json.Unmarshal(v, &members); err != nil {
		return nil, err
	}
	return object(members), nil
}

func object(members map[string]any) map[string]any {
	for name, v := range members {
		if members[name] = counts(name, v); members[name] == nil {
			delete(members, name)
		}
	}
	return members
}

// counts gives what counts of a member, nil when it does not. A name means the
// same wherever a valid statement has it, except in extensions, whose members
// are the sender's own.
func counts(name string, v any) any {
	switch name {
	case "authority", "stored", "version": // the receiver sets them
		return nil
	case "attachments", "definition", "display": // are no part of the statement
		return nil
	case "extensions":
		return v
	case "member", "parent", "grouping", "category", "other", "contextAgents", "contextGroups", "relevantTypes":
		return set(v)
	}
	switch v := v.(type) {
	case map[string]any:
		return object(v)
	case string:
		return text(name, v)
	}
	return v
}

// set gives a list an order of its own: that of the sender means nothing. An
// element that stands alone is a list of one.
func set(v any) any {
	elements, ok := v.([]any)
	if !ok {
		elements = []any{v}
	}
	list := make([]string, len(elements))
	for i, e := range elements {
		b, _ := json.Marshal(counts("", e), json.Deterministic(true)) // it was JSON
		list[i] = string(b)
	}
	slices.Sort(list)
	return list
}

// text gives what equal strings share. A duration is text: how long a month or
// a minute is, the specification does not let us say, so PT60S is not PT1M.
func text(name, s string) any {
	switch name {
	case "objectType":
		if s == "Agent" || s == "Activity" { // its absence says so too
			return nil
		}
	case "timestamp":
		if t, ok := xapi.ParseTimestamp(s, false); ok {
			return t.UTC().Format(time.RFC3339Nano)
		}
	case "duration":
		return xapi.Hundredths(s)
	case "mbox":
		return Mail(s)
	case "mbox_sha1sum", "registration", "language":
		return strings.ToLower(s)
	case "id":
		return ident(s)
	}
	return s
}

// ident gives what equal ids share: an IRI as it is, a UUID whatever its case.
func ident(id string) string {
	if xapi.ValidUUID(id) {
		return strings.ToLower(id)
	}
	return id
}

// Mail gives what equal mail addresses share: the case of a domain does not
// count.
func Mail(address string) string {
	at := strings.IndexByte(address, '@') + 1
	if domain := strings.ToLower(address[at:]); domain != address[at:] {
		return address[:at] + domain
	}
	return address
}
