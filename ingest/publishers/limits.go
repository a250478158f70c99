package publishers

import (
	"encoding/json/jsontext"
	"strings"

	"brume/schemas/event"
	"brume/schemas/registry"
	"brume/schemas/xapi"
)

// Limits bind a key. The zero value binds nothing; of each list one entry must
// fit.
type Limits struct {
	Rate     int            `json:"rate,omitzero"`      // statements a second of each instance; 0: any
	Burst    int            `json:"burst,omitzero"`     // statements at once; 0: DefaultBurst or a second's, if that is more
	Schools  []string       `json:"schools,omitempty"`  // UAIs
	Tools    []string       `json:"tools,omitempty"`    // the registry's codes
	Prefixes []string       `json:"prefixes,omitempty"` // of activity ids
	Unknown  jsontext.Value `json:",embed"`             // written by a newer version

	schools map[registry.UAI]bool // these two are made by Resolve
	tools   map[uint16]bool
}

// DefaultBurst lets the largest batch pass.
const DefaultBurst = 1000

// The codes of statements that a key may not send.
const (
	ForbiddenSchool = "forbidden.school"
	ForbiddenTool   = "forbidden.tool"
	ForbiddenPrefix = "forbidden.prefix"
)

// Narrow says whether the key may send a part of its publisher's statements
// only.
func (l *Limits) Narrow() bool { return len(l.Schools)+len(l.Tools)+len(l.Prefixes) > 0 }

// Resolve finds the schools and tools in a registry. Limits that were not
// resolved, and codes that the registry does not know, let nothing pass.
func (l Limits) Resolve(reg *registry.Registry) Limits {
	l.schools, l.tools = map[registry.UAI]bool{}, map[uint16]bool{}
	for _, s := range l.Schools {
		if uai, err := registry.ParseUAI(s); err == nil {
			l.schools[uai] = true
		}
	}
	for _, code := range l.Tools {
		for i := range reg.Tools {
			if reg.Tools[i].Code == code {
				l.tools[reg.Tools[i].ID] = true
			}
		}
	}
	return l
}

// Permit says whether a key may send a statement, and the code of the limit
// when not. It is asked about statements that become events; a school or tool
// that the registry does not know is none of those that a key is bound to.
func (l *Limits) Permit(st *xapi.Statement, e *event.Event) (code string, ok bool) {
	switch {
	case len(l.Schools) > 0 && !l.schools[e.School]:
		return ForbiddenSchool, false
	case len(l.Tools) > 0 && !l.tools[e.Tool]:
		return ForbiddenTool, false
	case len(l.Prefixes) > 0 && !l.prefixed(&st.Object):
		return ForbiddenPrefix, false
	}
	return "", true
}

func (l *Limits) prefixed(o *xapi.Object) bool {
	if o.Type != xapi.Activity {
		return false
	}
	for _, p := range l.Prefixes {
		if strings.HasPrefix(o.ID, p) {
			return true
		}
	}
	return false
}

// AtOnce is how many statements pass at once.
func (l *Limits) AtOnce() int {
	if l.Burst > 0 {
		return l.Burst
	}
	return max(DefaultBurst, l.Rate)
}
