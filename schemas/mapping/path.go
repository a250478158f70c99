package mapping

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"slices"
	"strconv"
	"strings"

	"brume/schemas/xapi"
)

// path is a compiled pointer.
type path struct {
	from func(st *xapi.Statement, i int) (string, bool) // the i-th text
	many bool                                           // more than one i may be asked
	ext  func(st *xapi.Statement) xapi.Extensions       // instead of from
	key  string                                         // of ext
	rest []string                                       // within the extension's value
}

// at returns the i-th text at the path; false when there are no more.
func (p *path) at(st *xapi.Statement, i int) (string, bool) {
	if p.ext == nil {
		return p.from(st, i)
	}
	value, ok := p.ext(st).Get(p.key)
	if !ok || i > 0 {
		return "", false
	}
	return scalar(value, p.rest)
}

// texts are the single places that a pointer may name.
var texts = map[string]func(st *xapi.Statement) string{
	"/actor/account/homePage": func(st *xapi.Statement) string { return st.Actor.HomePage },
	"/verb/id":                func(st *xapi.Statement) string { return st.Verb },
	"/object/id":              func(st *xapi.Statement) string { return st.Object.ID },
	"/object/definition/type": func(st *xapi.Statement) string { return st.Object.Kind },
	"/context/platform":       func(st *xapi.Statement) string { return st.Context.Platform },
	"/context/language":       func(st *xapi.Statement) string { return st.Context.Language },
}

var extensionMaps = map[string]func(st *xapi.Statement) xapi.Extensions{
	"/context/extensions/":           func(st *xapi.Statement) xapi.Extensions { return st.Context.Extensions },
	"/result/extensions/":            func(st *xapi.Statement) xapi.Extensions { return st.Result.Extensions },
	"/object/definition/extensions/": func(st *xapi.Statement) xapi.Extensions { return st.Object.Extensions },
}

var contextActivities = map[string]func(st *xapi.Statement) []xapi.ContextActivity{
	"parent":   func(st *xapi.Statement) []xapi.ContextActivity { return st.Context.Parent },
	"grouping": func(st *xapi.Statement) []xapi.ContextActivity { return st.Context.Grouping },
	"category": func(st *xapi.Statement) []xapi.ContextActivity { return st.Context.Category },
	"other":    func(st *xapi.Statement) []xapi.ContextActivity { return st.Context.Other },
}

var errPointer = errors.New("not a place that a mapping may read")

// compile checks a pointer against the places that hold no person.
func compile(pointer string) (path, error) {
	if get, ok := texts[pointer]; ok {
		return path{from: func(st *xapi.Statement, i int) (string, bool) {
			s := get(st)
			return s, i == 0 && s != ""
		}}, nil
	}
	for prefix, ext := range extensionMaps {
		if after, ok := strings.CutPrefix(pointer, prefix); ok {
			tokens := strings.Split(after, "/")
			for i, t := range tokens {
				tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(t)
			}
			if tokens[0] == "" {
				return path{}, errPointer
			}
			return path{ext: ext, key: tokens[0], rest: tokens[1:]}, nil
		}
	}
	if after, ok := strings.CutPrefix(pointer, "/context/contextActivities/"); ok {
		return compileActivities(strings.Split(after, "/"))
	}
	return path{}, errPointer
}

// compileActivities compiles parent/*/id and its like.
func compileActivities(tokens []string) (path, error) {
	if len(tokens) < 3 || contextActivities[tokens[0]] == nil {
		return path{}, errPointer
	}
	list := contextActivities[tokens[0]]
	field := func(a *xapi.ContextActivity) string { return a.ID }
	switch {
	case slices.Equal(tokens[2:], []string{"id"}):
	case slices.Equal(tokens[2:], []string{"definition", "type"}):
		field = func(a *xapi.ContextActivity) string { return a.Kind }
	default:
		return path{}, errPointer
	}
	position, err := strconv.Atoi(tokens[1])
	many := tokens[1] == "*"
	if !many && (err != nil || position < 0) {
		return path{}, errPointer
	}
	return path{many: many, from: func(st *xapi.Statement, i int) (string, bool) {
		activities := list(st)
		if !many {
			i += position
		}
		if i >= len(activities) {
			return "", false
		}
		return field(&activities[i]), true
	}}, nil
}

// scalar returns the string, number or boolean at the end of the tokens in
// JSON text.
func scalar(text string, tokens []string) (string, bool) {
	if len(tokens) > 0 {
		return descend(text, tokens)
	}
	switch text[0] {
	case '{', '[', 'n':
		return "", false
	case '"':
		if strings.IndexByte(text, '\\') >= 0 {
			b, err := jsontext.AppendUnquote(nil, text)
			return string(b), err == nil
		}
		return text[1 : len(text)-1], true
	}
	return text, true
}

// descend follows tokens into an object or array.
func descend(text string, tokens []string) (string, bool) {
	dec := jsontext.NewDecoder(bytes.NewBufferString(text))
	open, err := dec.ReadToken()
	if err != nil || open.Kind() != '{' && open.Kind() != '[' {
		return "", false
	}
	for i := 0; dec.PeekKind() != '}' && dec.PeekKind() != ']'; i++ {
		name := strconv.Itoa(i)
		if open.Kind() == '{' {
			token, err := dec.ReadToken()
			if err != nil {
				return "", false
			}
			name = token.String()
		}
		value, err := dec.ReadValue()
		if err != nil {
			return "", false
		}
		if name == tokens[0] {
			return scalar(string(value), tokens[1:])
		}
	}
	return "", false
}
