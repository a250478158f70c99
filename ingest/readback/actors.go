package readback

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strings"
	"time"

	"brume/schemas/xapi"
)

// actor writes an Agent or a Group.
func (r *rewriter) actor(v jsontext.Value) {
	switch r.format {
	case IDs:
		r.minimal(v)
	case compared:
		r.object(v, r.comparedActor)
	default:
		r.value(v)
	}
}

// minimal writes what identifies an actor; the members of a group only when
// nothing else does.
func (r *rewriter) minimal(v jsontext.Value) {
	var h head
	if r.fail(json.Unmarshal(v, &h, jsontext.AllowDuplicateNames(true))); r.err != nil {
		return
	}
	r.object(v, func(name string, v jsontext.Value) {
		switch name {
		case "objectType", "mbox", "mbox_sha1sum", "openid", "account":
			r.keep(name, v)
		case "member":
			if !h.identified() {
				r.name(name)
				r.list(v, (*rewriter).minimal)
			}
		}
	})
}

// comparedActor leaves out the default objectType and the case that does not
// count.
func (r *rewriter) comparedActor(name string, v jsontext.Value) {
	switch name {
	case "objectType":
		if plain(v) != "Agent" {
			r.keep(name, v)
		}
	case "mbox":
		user, domain, _ := strings.Cut(plain(v), "@")
		r.text(name, user+"@"+strings.ToLower(domain))
	case "mbox_sha1sum":
		r.text(name, strings.ToLower(plain(v)))
	case "member":
		r.name(name)
		r.list(v, (*rewriter).actor)
	default:
		r.keep(name, v)
	}
}

// plain is the value of a JSON string.
func plain(v jsontext.Value) string {
	s, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return ""
	}
	return string(s)
}

// instant is a timestamp in the form in which two are compared, whatever the
// version that allows how it was written.
func instant(v jsontext.Value) string {
	t, ok := xapi.ParseTimestamp(plain(v), false)
	if !ok {
		return plain(v)
	}
	return t.UTC().Format(time.RFC3339Nano)
}
