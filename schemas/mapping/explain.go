package mapping

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"brume/schemas/event"
	"brume/schemas/registry"
	"brume/schemas/xapi"
)

// The fields of an explanation, in its order.
const (
	fieldTeacher  = "teacher"
	fieldKind     = "kind"
	fieldSchool   = "school"
	fieldLevel    = "level"
	fieldSubject  = "subject"
	fieldTool     = "tool"
	fieldOutcome  = "outcome"
	fieldScore    = "score"
	fieldDuration = "duration"
	fieldHour     = "hour"
)

var fieldOrder = []string{fieldTeacher, fieldKind, fieldSchool, fieldLevel, fieldSubject, fieldTool, fieldOutcome, fieldScore, fieldDuration, fieldHour}

// Explanation says what a statement becomes and why. Its steps hold texts of
// the statement, at the places that the mapping names and no others: it is for
// the publisher who sent it and MUST NOT be logged or kept.
type Explanation struct {
	Drop   Drop    `json:"dropped,omitempty"`
	Fields []Field `json:"fields"`

	trails  map[string]*trail
	origins map[string]origin
}

// Field is one fact of the event.
type Field struct {
	Name  string `json:"field"`
	Value string `json:"value,omitempty"` // "other" for a code that was not found, "" for a fact that is not stated
	From  string `json:"from,omitempty"`  // the rule that gave it, or where it stands, or why there is none
	Steps []Step `json:"steps,omitempty"` // what the rules did
}

// Explain maps a statement as Event does and says which rule gave what.
func (m *Mapping) Explain(st *xapi.Statement, reg *registry.Registry, at Reception) Explanation {
	x := Explanation{trails: map[string]*trail{}, origins: map[string]origin{}}
	e, reason, ok := m.event(st, reg, at, &x)
	x.Drop = reason
	if !ok {
		x.Fields = x.fields(map[string]string{})
		return x
	}
	x.tool(st, e.Tool)
	if _, known := m.verbs[st.Verb]; !known {
		x.trail(fieldKind).miss("/verb/id", st.Verb, noVerb)
	}
	x.Fields = x.fields(values(&e, reg))
	return x
}

// tool says how the tool was found. Of an activity id it shows the part that
// prefixes begin with: the rest may name anything.
func (x *Explanation) tool(st *xapi.Statement, tool uint16) {
	switch {
	case tool != 0:
		x.origin(fieldTool, fromPrefix)
	case st.Object.Type != xapi.Activity:
		x.origin(fieldTool, noActivityObject)
	default:
		x.trail(fieldTool).miss("/object/id", authority(st.Object.ID), noPrefix)
	}
}

// authority is the beginning of an IRI, up to where its path begins.
func authority(iri string) string {
	if u, err := url.Parse(iri); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host
	}
	scheme, _, _ := strings.Cut(iri, ":")
	return scheme + ":"
}

func values(e *event.Event, reg *registry.Registry) map[string]string {
	v := map[string]string{
		fieldKind: KindName(e.Kind), fieldSchool: e.School.String(), fieldLevel: reg.LevelCode(e.Level),
		fieldSubject: reg.SubjectCode(e.Subject), fieldTool: reg.ToolCode(e.Tool),
		fieldHour: time.Unix(int64(e.Hour)*3600, 0).UTC().Format("2006-01-02T15Z"),
	}
	switch e.Outcome {
	case event.Success:
		v[fieldOutcome] = "success"
	case event.Failure:
		v[fieldOutcome] = "failure"
	}
	if e.Score != event.NoScore {
		v[fieldScore] = strconv.FormatFloat(float64(e.Score)/1000, 'f', 3, 64)
	}
	if e.Duration != event.NoDuration {
		v[fieldDuration] = (time.Duration(e.Duration) * time.Second).String()
	}
	return v
}

// fields puts values, trails and origins together.
func (x *Explanation) fields(values map[string]string) []Field {
	var list []Field
	for _, name := range fieldOrder {
		f := Field{Name: name, Value: values[name], From: string(x.origins[name])}
		if t := x.trails[name]; t != nil {
			f.Steps = t.steps
		}
		if n := len(f.Steps); f.From == "" && n > 0 && f.Steps[n-1].Result == string(taken) {
			f.From = f.Steps[n-1].Rule
		}
		if f.Value != "" || f.From != "" || len(f.Steps) > 0 {
			list = append(list, f)
		}
	}
	return list
}

// Unmapped calls fn with every value that the mapping found and the registry
// does not know, or with the texts that fit no rule when there is none, and
// with verbs and tools that no table knows.
func (x *Explanation) Unmapped(fn func(field, value string)) {
	for _, f := range x.Fields {
		switch f.Name {
		case fieldKind:
			f.each(noVerb, fn)
		case fieldTool:
			f.each(noPrefix, fn)
		case fieldSchool, fieldLevel, fieldSubject:
			if f.Value == registry.Other && f.each(notInRegistry, fn) == 0 {
				f.each(unfit, fn)
			}
		}
	}
}

// each calls fn with the values of steps with a result, and counts them.
func (f Field) each(result origin, fn func(field, value string)) (n int) {
	for _, s := range f.Steps {
		if s.Result == string(result) {
			fn(f.Name, cmp.Or(s.Value, s.Found))
			n++
		}
	}
	return n
}

// trail starts the trail of a field; nil when x is.
func (x *Explanation) trail(field string) *trail {
	if x == nil {
		return nil
	}
	if x.trails[field] == nil {
		x.trails[field] = &trail{field: field}
	}
	return x.trails[field]
}

func (x *Explanation) origin(field string, from origin) {
	if x != nil {
		x.origins[field] = from
	}
}

func ruleName(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// shorten keeps a line of output readable.
func shorten(s string) string {
	const most = 96
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// FromReceipt says whether the field is the time of receipt, which a sample
// does not have.
func (f Field) FromReceipt() bool {
	return f.From == string(fromReceipt) || f.From == string(fromFuture)
}
