package readback

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
)

// actor writes an Agent or a Group.
func (r *rewriter) actor(v jsontext.Value) {
	if r.format == IDs {
		r.minimal(v)
		return
	}
	r.value(v)
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
