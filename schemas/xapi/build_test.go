package xapi

import (
	"fmt"
	"runtime"
	"strings"
)

// line is the caller's line, so that a failing row of a table can be found.
func line() int {
	_, _, n, _ := runtime.Caller(1)
	return n
}

// statement writes a statement: a small valid one whose members are replaced
// by the parts (`"verb":{…}`) or left out (`-verb`).
func statement(parts ...string) string {
	return with([]string{
		`"actor":{"account":{"homePage":"https://ent.example","name":"4711"}}`,
		`"verb":{"id":"http://adlnet.gov/expapi/verbs/answered"}`,
		`"object":{"id":"https://calcul.example/q/1"}`,
	}, parts)
}

// attached writes the member attachments: a valid one with the parts.
func attached(parts ...string) string {
	return `"attachments":[` + with([]string{
		`"usageType":"a:b"`, `"display":{"fr":"x"}`, `"contentType":"text/plain"`, `"length":27`,
		`"sha2":"495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a"`, `"fileUrl":"https://e.example/f"`,
	}, parts) + `]`
}

// with replaces members by the parts, or leaves them out.
func with(members, parts []string) string {
	for _, part := range parts {
		key, _, _ := strings.Cut(strings.TrimPrefix(part, "-"), ":")
		key = `"` + strings.Trim(key, `"`) + `":`
		kept := members[:0]
		for _, m := range members {
			if !strings.HasPrefix(m, key) {
				kept = append(kept, m)
			}
		}
		members = kept
		if !strings.HasPrefix(part, "-") {
			members = append(members, part)
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func activityWith(definition string) string {
	return statement(`"object":{"id":"https://calcul.example/q/1","definition":` + definition + `}`)
}

func deep(n int) string {
	return statement(fmt.Sprintf(`"context":{"extensions":{"https://e.example/x":%s1%s}}`, strings.Repeat("[", n), strings.Repeat("]", n)))
}
