package readback

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"strings"

	"brume/ingest/compare"
	"brume/schemas/xapi"
)

// facts are the parts of a statement that a filter can ask for.
type facts struct {
	inner
	Attachments []struct {
		SHA2 string `json:"sha2"`
	} `json:"attachments"`
}

// inner is what a statement and a SubStatement share.
type inner struct {
	Actor   actor        `json:"actor"`
	Verb    named        `json:"verb"`
	Object  target       `json:"object"`
	Context surroundings `json:"context"`
}

type named struct {
	ID string `json:"id"`
}

type actor struct {
	Mbox     string `json:"mbox"`
	MboxSHA1 string `json:"mbox_sha1sum"`
	OpenID   string `json:"openid"`
	Account  struct {
		HomePage string `json:"homePage"`
		Name     string `json:"name"`
	} `json:"account"`
	Member []actor `json:"member"`
}

// target is a statement's object: which fields count is for Type to say.
type target struct {
	Type string
	ID   string
	actor
	sub *inner
}

type surroundings struct {
	Registration string  `json:"registration"`
	Instructor   actor   `json:"instructor"`
	Team         actor   `json:"team"`
	Activities   related `json:"contextActivities"`
	Agents       []struct {
		Agent actor `json:"agent"`
	} `json:"contextAgents"`
	Groups []struct {
		Group actor `json:"group"`
	} `json:"contextGroups"`
}

type related struct {
	Parent   activities `json:"parent"`
	Grouping activities `json:"grouping"`
	Category activities `json:"category"`
	Other    activities `json:"other"`
}

// activities is an array of activities, or one.
type activities []named

func (a *activities) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == '[' {
		return json.UnmarshalDecode(d, (*[]named)(a))
	}
	*a = make(activities, 1)
	return json.UnmarshalDecode(d, &(*a)[0])
}

func (t *target) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	var v struct {
		Type string `json:"objectType"`
		ID   string `json:"id"`
		actor
		Sub     *actor       `json:"actor"`
		Verb    named        `json:"verb"`
		Object  *target      `json:"object"`
		Context surroundings `json:"context"`
	}
	if err := json.UnmarshalDecode(d, &v); err != nil {
		return err
	}
	t.Type, t.ID, t.actor = v.Type, v.ID, v.actor
	if v.Sub != nil && v.Object != nil {
		t.sub = &inner{*v.Sub, v.Verb, *v.Object, v.Context}
	}
	return nil
}

// read parses a kept statement.
func read(raw []byte) (*facts, error) {
	f := &facts{}
	return f, json.Unmarshal(raw, f, jsontext.AllowDuplicateNames(true))
}

// is says whether the actor, or a member of it, is the one asked for.
func (a *actor) is(want *xapi.Actor) bool {
	for i := range a.Member {
		if a.Member[i].is(want) {
			return true
		}
	}
	switch want.Identifier {
	case xapi.Mbox:
		return compare.Mail(a.Mbox) == compare.Mail(want.Value)
	case xapi.MboxSHA1:
		return strings.EqualFold(a.MboxSHA1, want.Value)
	case xapi.OpenID:
		return a.OpenID == want.Value
	case xapi.Account:
		return a.Account.HomePage == want.HomePage && a.Account.Name == want.Value
	}
	return false
}
