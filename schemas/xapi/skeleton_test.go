package xapi

import (
	"encoding/json/jsontext"
	"regexp"
	"strings"
	"testing"
)

func TestSkeleton(t *testing.T) {
	for _, tt := range []struct{ body, pointer, want string }{
		{`{"actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"a:b","display":{"fr":"x","en":"y"}},"object":7}`, "/object",
			`{"actor":{"mbox":"string"},"verb":{"id":"string","display":"object of 2"},"object":"number"}`},
		{`[{"id":"x"},{"result":{"success":true,"score":null,"extensions":{"a:b":{"name":1}}}}]`, "/1/result/score",
			`{"result":{"success":"boolean","score":"null","extensions":"object of 1"}}`},
		{`{"Élise":1,"Actor":2,"actor":{"member":[{"name":"x"},2]},"actor":3}`, "",
			`{"actor":{"member":"array of 2"},"(unknown names)":2,"(repeated names)":1}`},
		{`{"verb":{"id":"a:b",}`, "", `{"verb":{"id":"string","(unreadable from here)":true},"(unreadable from here)":true}`},
		{`{"verb":tru}`, "", `{"verb":"unreadable","(unreadable from here)":true}`},
		{`{"context":{"platform":"x"`, "", `{"context":{"platform":"string","(unreadable from here)":true},"(unreadable from here)":true}`},
		{`{"attachments":[1,2`, "", `{"attachments":"array of 2","(unreadable from here)":true}`},
		{`"secret"`, "", `"string"`}, {``, "", `"unreadable"`}, {`[]`, "/0", ""}, {`[1]`, "", ""}, {`[1,2]`, "/7", ""}, {`[1,2]`, "/-1", `"number"`},
	} {
		if got := Skeleton([]byte(tt.body), tt.pointer); got != tt.want {
			t.Errorf("%s at %q\n got %s\nwant %s", tt.body, tt.pointer, got, tt.want)
		}
	}
}

// canary stands for what must not get out.
const canary = "zyxcanaryzyx"

// Whatever a field holds, wherever it stands, and whatever the sender names
// its own properties, extensions and languages: nothing of it is in a skeleton.
func TestSkeletonHoldsNothingOfTheSender(t *testing.T) {
	values := []string{`"` + canary + `"`, `{"` + canary + `":"` + canary + `"}`, `["` + canary + `",{"` + canary + `":1}]`,
		`{"name":{"` + canary + `":{"id":"` + canary + `"}},"` + canary + `":{"actor":"` + canary + `"}}`, `4711.42`, `"` + canary, `{"extensions":{"https://` + canary + `.example/x":"` + canary + `"}}`}
	check := func(body string) {
		t.Helper()
		for _, pointer := range []string{"", "/0", "/0/" + canary} {
			got := Skeleton([]byte(body), pointer)
			if strings.Contains(got, canary) || strings.Contains(got, "4711") {
				t.Fatalf("%s\n%s", body, got)
			}
		}
	}
	for _, value := range values {
		for _, outer := range names[1:] {
			for _, inner := range append(names[1:], canary) {
				member := `{"` + outer + `":{"` + inner + `":` + value + `,"` + canary + `":` + value + `}}`
				check(member)
				check(`[` + member + `]`)
				check(`{"object":` + member + `}`)
			}
		}
	}
}

var skeletonText = regexp.MustCompile(`^(string|number|boolean|null|unreadable|(array|object) of [0-9]+|\((unknown|repeated) names\)|\(unreadable from here\))$`)

// A skeleton is JSON, bounded, and made of known words only.
func FuzzSkeleton(f *testing.F) {
	f.Add([]byte(statement()), "")
	f.Add([]byte(`[{},{"verb":{"display":{"fr":"x"}}`), "/1/verb")
	f.Add([]byte(strings.Repeat(`{"object":`, 100)), "")
	f.Fuzz(func(t *testing.T, body []byte, pointer string) {
		got := Skeleton(body, pointer)
		if len(got) > 2*skeletonSize {
			t.Fatalf("%d bytes", len(got))
		}
		if got == "" {
			return
		}
		d := jsontext.NewDecoder(strings.NewReader(got))
		for {
			token, err := d.ReadToken()
			if err != nil {
				if d.StackDepth() != 0 {
					t.Fatalf("%v: %s", err, got)
				}
				return
			}
			if s := token.String(); token.Kind() == '"' && propOf(s) == unknown && !skeletonText.MatchString(s) {
				t.Fatalf("%q in %s", s, got)
			}
		}
	})
}
