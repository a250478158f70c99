package readback

import (
	"encoding/json/jsontext"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"brume/schemas/xapi"
)

// Format says how much of a statement is answered.
type Format string

// The formats of the Statement resource.
const (
	Exact     Format = "exact"
	IDs       Format = "ids"
	Canonical Format = "canonical"
)

// Query is what a request asks for: one statement, or those that meet every
// condition.
type Query struct {
	ID   string // in lower case; "" when a list is asked for
	Void bool   // ID is that of a voided statement

	Agent             *xapi.Actor
	Verb              string
	Activity          string
	Registration      string // in lower case
	RelatedAgents     bool
	RelatedActivities bool
	Since, Until      time.Time // zero: no bound; Since itself is not in
	Limit             int       // 0: as many as the window gives
	Ascending         bool

	Format      Format
	Attachments bool

	More string // goes on with an earlier list; nothing else is set then

	source string // the parameters, for the token that continues the list
}

// Fault is a parameter that breaks a rule; the parameter is "" when it is not
// one of ours, or several are at fault. A fault holds nothing of the request.
type Fault struct{ Code, Parameter string }

// The codes of faults.
const (
	BadParameter   = "read.parameter"   // unknown, in another case, repeated
	BadValue       = "read.value"       // not of its type
	BadCombination = "read.combination" // parameters that exclude each other
	BadAgent       = "read.agent"
	BadMore        = "read.more"
	TooLong        = "limit.query"
)

// maxQuery bounds the parameters, in bytes, and so the token that continues a
// list.
const maxQuery = 4096

// parameters read one parameter each into a query; false for a value that is
// not of its type.
var parameters = map[string]func(q *Query, value string) bool{
	"statementId":        func(q *Query, v string) bool { return q.id(v) },
	"voidedStatementId":  func(q *Query, v string) bool { q.Void = true; return q.id(v) },
	"agent":              (*Query).agent,
	"verb":               func(q *Query, v string) bool { q.Verb = v; return xapi.ValidIRI(v) },
	"activity":           func(q *Query, v string) bool { q.Activity = v; return xapi.ValidIRI(v) },
	"registration":       func(q *Query, v string) bool { q.Registration = strings.ToLower(v); return xapi.ValidUUID(v) },
	"related_activities": func(q *Query, v string) bool { return boolean(v, &q.RelatedActivities) },
	"related_agents":     func(q *Query, v string) bool { return boolean(v, &q.RelatedAgents) },
	"since":              func(q *Query, v string) bool { return timestamp(v, &q.Since) },
	"until":              func(q *Query, v string) bool { return timestamp(v, &q.Until) },
	"limit":              (*Query).limit,
	"ascending":          func(q *Query, v string) bool { return boolean(v, &q.Ascending) },
	"format":             (*Query).format,
	"attachments":        func(q *Query, v string) bool { return boolean(v, &q.Attachments) },
	"more":               func(q *Query, v string) bool { q.More = v; return v != "" },
}

// ParseQuery reads the parameters of a GET; nil means that there is no fault.
func ParseQuery(values url.Values) (Query, *Fault) {
	q := Query{Format: Exact, source: values.Encode()}
	if len(q.source) > maxQuery && !values.Has("more") {
		return q, &Fault{Code: TooLong}
	}
	for _, name := range sorted(values) {
		read, ok := parameters[name]
		switch {
		case !ok:
			return q, &Fault{Code: BadParameter}
		case len(values[name]) > 1:
			return q, &Fault{BadParameter, name}
		case !read(&q, values[name][0]):
			code := BadValue
			if name == "agent" {
				code = BadAgent
			}
			return q, &Fault{code, name}
		}
	}
	return q, combined(values)
}

// combined checks which parameters exclude each other.
func combined(values url.Values) *Fault {
	allowed := []string{"statementId", "voidedStatementId", "format", "attachments"}
	single := values.Has("statementId") || values.Has("voidedStatementId")
	for name := range values {
		switch {
		case single && !slices.Contains(allowed, name):
			return &Fault{Code: BadCombination}
		case name == "more" && len(values) > 1:
			return &Fault{Code: BadCombination}
		}
	}
	if values.Has("statementId") && values.Has("voidedStatementId") {
		return &Fault{Code: BadCombination}
	}
	return nil
}

func sorted(values url.Values) []string {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (q *Query) id(v string) bool {
	q.ID = strings.ToLower(v)
	return xapi.ValidUUID(v)
}

// agent reads an actor as strictly as that of a statement.
func (q *Query) agent(v string) bool {
	value := jsontext.Value(v)
	if !value.IsValid() || value.Kind() != '{' {
		return false
	}
	batch, err := xapi.Decode([]byte(`{"actor":`+v+`,"verb":{"id":"a:b"},"object":{"id":"a:b"}}`), xapi.Options{Limits: xapi.DefaultLimits()})
	if err != nil || batch.Statements[0].Actor.Identifier == xapi.Anonymous {
		return false
	}
	q.Agent = &batch.Statements[0].Actor
	return true
}

func (q *Query) limit(v string) bool {
	n, err := strconv.ParseUint(v, 10, 31)
	q.Limit = int(n)
	return err == nil
}

func (q *Query) format(v string) bool {
	q.Format = Format(v)
	return q.Format == Exact || q.Format == IDs || q.Format == Canonical
}

func boolean(v string, to *bool) bool {
	*to = v == "true"
	return *to || v == "false"
}

func timestamp(v string, to *time.Time) (ok bool) {
	var err error
	*to, err = time.Parse(time.RFC3339, v)
	return err == nil
}
