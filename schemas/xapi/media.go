package xapi

import "strings"

// maxParameters bounds the parameters of a media type.
const maxParameters = 10

// validMediaType says whether s is a type and a subtype (RFC 2045 5.1), with
// parameters that each come once. mime.ParseMediaType reads what it accepts, at
// many times the cost when there are parameters.
func validMediaType(s string) bool {
	kind, rest := mediaToken(s)
	if kind == "" || rest == "" || rest[0] != '/' {
		return false
	}
	sub, rest := mediaToken(rest[1:])
	if sub == "" {
		return false
	}
	var names [maxParameters]string
	for n := 0; ; n++ {
		rest = trimBlank(rest)
		if rest == "" {
			return true
		}
		if rest[0] != ';' || n == maxParameters {
			return false
		}
		if rest = trimBlank(rest[1:]); rest == "" {
			return true
		}
		var ok bool
		if names[n], rest, ok = mediaParameter(rest); !ok || hasFold(names[:n], names[n]) {
			return false
		}
	}
}

// mediaParameter reads a name and its value.
func mediaParameter(s string) (name, rest string, ok bool) {
	name, rest = mediaToken(s)
	rest = trimBlank(rest)
	if name == "" || rest == "" || rest[0] != '=' {
		return "", "", false
	}
	rest = trimBlank(rest[1:])
	if rest != "" && rest[0] == '"' {
		rest, ok = pastQuoted(rest[1:])
		return name, rest, ok
	}
	value, rest := mediaToken(rest)
	return name, rest, value != ""
}

// pastQuoted returns what follows a quoted string's closing quote.
func pastQuoted(s string) (rest string, ok bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return s[i+1:], true
		case '\r', '\n':
			return "", false
		case '\\':
			if i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
				i++
			}
		}
	}
	return "", false
}

// mediaToken cuts a token off, "" when there is none.
func mediaToken(s string) (token, rest string) {
	i := 0
	for i < len(s) && !tokenEnd[s[i]] {
		i++
	}
	return s[:i], s[i:]
}

// tokenEnd are the bytes that no token has.
var tokenEnd = func() (table [256]bool) {
	for c := range table {
		table[c] = c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?=`, byte(c)) >= 0
	}
	return table
}()

func trimBlank(s string) string { return strings.TrimLeft(s, " \t\r\n") }

func hasFold(list []string, s string) bool {
	for _, other := range list {
		if strings.EqualFold(other, s) {
			return true
		}
	}
	return false
}
