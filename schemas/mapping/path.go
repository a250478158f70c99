package mapping

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"strconv"
	"strings"

	"brume/schemas/xapi"
)

// path is a compiled pointer.
type path struct {
	from func(st *xapi.Statement, i int) (string, bool)          // the i-th text
	ext  func(st *xapi.Statement, i int) (xapi.Extensions, bool) // or the i-th extensions map
	key  string                                                  // of ext
	rest []string                                                // within the extension's value
}

// at returns the i-th text at the path, "" where nothing stands; false when
// there are no more.
func (p *path) at(st *xapi.Statement, i int) (text string, more bool) {
	if p.ext == nil {
		return p.from(st, i)
	}
	ext, more := p.ext(st, i)
	if value, ok := ext.Get(p.key); ok {
		text, _ = scalar(value, p.rest)
	}
	return text, more
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

var noActivity xapi.ContextActivity

var errPointer = errors.New("not a place that a mapping may read")

// compile checks a pointer against the places that hold no person.
func compile(pointer string) (path, error) {
	if get, ok := texts[pointer]; ok {
		return path{from: func(st *xapi.Statement, i int) (string, bool) { return get(st), i == 0 }}, nil
	}
	for prefix, get := range extensionMaps {
		if after, ok := strings.CutPrefix(pointer, prefix); ok {
			return compileExtension(after, func(st *xapi.Statement, i int) (xapi.Extensions, bool) { return get(st), i == 0 })
		}
	}
	if after, ok := strings.CutPrefix(pointer, "/context/contextActivities/"); ok {
		return compileActivities(after)
	}
	return path{}, errPointer
}

// compileExtension compiles what follows an extensions map: a key, and tokens
// within its value.
func compileExtension(pointer string, ext func(*xapi.Statement, int) (xapi.Extensions, bool)) (path, error) {
	tokens := strings.Split(pointer, "/")
	for i, t := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(t)
	}
	if tokens[0] == "" {
		return path{}, errPointer
	}
	return path{ext: ext, key: tokens[0], rest: tokens[1:]}, nil
}

// anyPosition stands for any position of a list in a pointer.
const anyPosition = "*"

// compileActivities compiles parent/*/id and its like.
func compileActivities(pointer string) (path, error) {
	name, after, _ := strings.Cut(pointer, "/")
	place, after, _ := strings.Cut(after, "/")
	list := contextActivities[name]
	position, err := strconv.Atoi(place)
	many := place == anyPosition
	if list == nil || !many && (err != nil || position < 0 || strconv.Itoa(position) != place) {
		return path{}, errPointer
	}
	get := func(st *xapi.Statement, i int) (a *xapi.ContextActivity, ok bool) {
		if activities := list(st); position+i < len(activities) && (many || i == 0) {
			return &activities[position+i], true
		}
		return &noActivity, false
	}
	switch after {
	case "id":
		return path{from: func(st *xapi.Statement, i int) (string, bool) { a, ok := get(st, i); return a.ID, ok }}, nil
	case "definition/type":
		return path{from: func(st *xapi.Statement, i int) (string, bool) { a, ok := get(st, i); return a.Kind, ok }}, nil
	}
	if after, ok := strings.CutPrefix(after, "definition/extensions/"); ok {
		return compileExtension(after, func(st *xapi.Statement, i int) (xapi.Extensions, bool) {
			a, ok := get(st, i)
			return a.Extensions, ok
		})
	}
	return path{}, errPointer
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
