package readback

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
)

// shared writes a member that statements and SubStatements have.
func (r *rewriter) shared(name string, v jsontext.Value) {
	switch {
	case name == "actor":
		r.name(name)
		r.actor(v)
	case name == "verb":
		r.name(name)
		r.verb(v)
	case name == "object":
		r.name(name)
		r.target(v)
	case name == "context":
		r.name(name)
		r.context(v)
	default:
		r.keep(name, v)
	}
}

// head is what must be known of an object before its members are written.
type head struct {
	Type     string         `json:"objectType"`
	Mbox     jsontext.Value `json:"mbox"`
	MboxSHA1 jsontext.Value `json:"mbox_sha1sum"`
	OpenID   jsontext.Value `json:"openid"`
	Account  jsontext.Value `json:"account"`
}

func (h *head) identified() bool {
	return h.Mbox != nil || h.MboxSHA1 != nil || h.OpenID != nil || h.Account != nil
}

func (r *rewriter) target(v jsontext.Value) {
	var h head
	if r.fail(json.Unmarshal(v, &h, jsontext.AllowDuplicateNames(true))); r.err != nil {
		return
	}
	switch h.Type {
	case "Agent", "Group":
		r.actor(v)
	case "SubStatement":
		r.object(v, r.shared)
	case "StatementRef":
		r.value(v)
	default:
		r.activity(v)
	}
}

func (r *rewriter) verb(v jsontext.Value) {
	r.object(v, func(name string, v jsontext.Value) {
		switch {
		case name == "id" || r.format == Exact:
			r.keep(name, v)
		case r.format == Canonical:
			r.name(name)
			r.one(v)
		}
	})
}

func (r *rewriter) activity(v jsontext.Value) {
	r.object(v, func(name string, v jsontext.Value) {
		switch {
		case name == "id" || r.format == Exact:
			r.keep(name, v)
		case r.format == Canonical && name == "definition":
			r.name(name)
			r.object(v, r.definition)
		case r.format == Canonical:
			r.keep(name, v)
		}
	})
}

// definition writes a member of an activity's definition with one language in
// each map.
func (r *rewriter) definition(name string, v jsontext.Value) {
	r.name(name)
	switch name {
	case "name", "description":
		r.one(v)
	case "choices", "scale", "source", "target", "steps":
		r.list(v, func(r *rewriter, v jsontext.Value) {
			r.object(v, func(name string, v jsontext.Value) {
				if r.name(name); name == "description" {
					r.one(v)
					return
				}
				r.value(v)
			})
		})
	default:
		r.value(v)
	}
}

func (r *rewriter) context(v jsontext.Value) {
	r.object(v, func(name string, v jsontext.Value) {
		switch name {
		case "instructor", "team":
			r.name(name)
			r.actor(v)
		case "contextActivities":
			r.name(name)
			r.object(v, func(name string, v jsontext.Value) {
				r.name(name)
				r.list(v, (*rewriter).activity)
			})
		case "contextAgents", "contextGroups":
			r.name(name)
			r.list(v, (*rewriter).contextActor)
		default:
			r.keep(name, v)
		}
	})
}

func (r *rewriter) contextActor(v jsontext.Value) {
	r.object(v, func(name string, v jsontext.Value) {
		r.name(name)
		switch name {
		case "agent", "group":
			r.actor(v)
		case "relevantTypes":
			r.list(v, (*rewriter).value)
		default:
			r.value(v)
		}
	})
}
