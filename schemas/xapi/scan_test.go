package xapi

import (
	"bytes"
	jsonv1 "encoding/json"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// deepest is the nesting that jsontext allows.
const deepest = 10_000

// scanned reads a text with our scanner; nil when it is refused.
func scanned(text string) []string {
	d := &decoder{}
	d.reset(text, Options{Limits: Limits{Depth: deepest, Bytes: len(text), Faults: 1}})
	d.value(0)
	if !d.ended() {
		return nil
	}
	d.reset(text, d.options)
	d.pos = 0
	return d.tokens(nil)
}

// tokens reads a value that value has accepted, token by token.
func (d *decoder) tokens(list []string) []string {
	switch d.peek() {
	case '{':
		list = append(list, "{")
		for d.open(); d.goesOn('}'); {
			list = append(list, "string "+d.key())
			list = d.tokens(list)
		}
		return append(list, "}")
	case '[':
		list = append(list, "[")
		for d.open(); d.goesOn(']'); {
			list = d.tokens(list)
		}
		return append(list, "]")
	case '"':
		return append(list, "string "+d.quoted())
	}
	return append(list, d.value(0))
}

// reference reads a text with jsontext; nil when it is refused.
func reference(text string) []string {
	dec := jsontext.NewDecoder(strings.NewReader(text))
	if err := dec.SkipValue(); err != nil {
		return nil
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return nil
	}
	var list []string
	for dec.Reset(bytes.NewBufferString(text)); ; {
		t, err := dec.ReadToken()
		if err != nil {
			return list
		}
		kind := ""
		if t.Kind() == '"' {
			kind = "string "
		}
		list = append(list, kind+t.String())
	}
}

func sameAsReference(t *testing.T, text string) {
	t.Helper()
	if got, want := scanned(text), reference(text); !slices.Equal(got, want) || (got == nil) != (want == nil) {
		t.Errorf("%.200q:\n got %.200q\nwant %.200q", text, got, want)
	}
}

// corpus reads testdata/texts.txt, a text in Go's quotes on each line: what
// parsers of JSON are known to read differently, and what they must agree on.
func corpus(tb testing.TB) []string {
	tb.Helper()
	file, err := os.ReadFile("testdata/texts.txt")
	if err != nil {
		tb.Fatal(err)
	}
	var list []string
	for quoted := range strings.Lines(string(file)) {
		text, err := strconv.Unquote(strings.TrimSpace(quoted))
		if err != nil {
			tb.Fatalf("%s: %v", quoted, err)
		}
		list = append(list, text)
	}
	return list
}

// generated are texts that would make the corpus long.
func generated() []string {
	var list []string
	for _, n := range []int{deepest - 1, deepest, deepest + 1} {
		list = append(list, strings.Repeat("[", n)+strings.Repeat("]", n))
	}
	for n := range 20 { // strings that end, or go wrong, at each place of a word
		pad := `"` + strings.Repeat("x", n)
		list = append(list, pad, pad+`"`, pad+"\x1f\"", pad+"\xff\"", pad+`é"`, pad+`\n"`, pad+`"y`)
	}
	for _, n := range []int{1, leastSlots / 2, leastSlots/2 + 1, 100, 5000} { // repeated names, early and late
		all := manyNames(n)
		list = append(list, "{"+all+`"last":0}`, "{"+all+`"k0":0}`, `{"last":1,`+all+`"last":0}`)
	}
	return list
}

// manyNames are n members, each followed by a comma.
func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"k%d":0,`, i)
	}
	return b.String()
}

// The scanner accepts exactly what jsontext accepts, and reads the same.
func TestTextIsReadAsJSONText(t *testing.T) {
	for _, text := range slices.Concat(corpus(t), generated()) {
		sameAsReference(t, text)
	}
}

func FuzzText(f *testing.F) {
	for _, text := range corpus(f) {
		f.Add(text)
	}
	f.Fuzz(sameAsReference)
}

// What two parsers read differently is refused, as a value within extensions
// and as the name or value of a property.
func TestDivergentTextsAreRefused(t *testing.T) {
	divergent := 0
	for _, text := range slices.Concat(corpus(t), generated()) {
		for _, body := range []string{
			text,
			statement(`"context":{"extensions":{"a:b":` + text + `}}`),
			statement(`"result":{"response":` + text + `}`),
			statement(`"result":` + text),
			statement(text + `:1`),
			statement(`"timestamp":"2021-11-29T23:09:00Z"`) + text,
			text + statement(),
		} {
			if !diverges(body) {
				continue
			}
			divergent++
			if got := refusal(body, Options{Limits: DefaultLimits()}); strings.HasPrefix(got, "accepted") {
				t.Errorf("%.300q: %s", body, got)
			}
		}
	}
	for _, body := range []string{
		statement(`"ID":"9dc99b37-e920-4a68-a066-917faca28949"`),
		strings.Replace(statement(), "actor", "Actor", 1),
		strings.Replace(statement(), "verb", "VERB", 1),
		statement(`"reſult":{}`), // folds to result
	} {
		divergent++
		if !diverges(body) {
			t.Errorf("%s: expected that parsers differ", body)
		}
		if got := refusal(body, Options{Limits: DefaultLimits()}); strings.HasPrefix(got, "accepted") {
			t.Errorf("%s: %s", body, got)
		}
	}
	if divergent < 50 {
		t.Errorf("only %d texts diverge: the corpus is too tame", divergent)
	}
}

// diverges says whether encoding/json and encoding/json/v2 differ on a text.
func diverges(text string) bool {
	type shape struct {
		ID      any `json:"id"`
		Actor   any `json:"actor"`
		Verb    any `json:"verb"`
		Object  any `json:"object"`
		Result  any `json:"result"`
		Context any `json:"context"`
	}
	var one, two shape
	err1, err2 := jsonv1.Unmarshal([]byte(text), &one), json.Unmarshal([]byte(text), &two)
	if err1 != nil || err2 != nil {
		return (err1 == nil) != (err2 == nil)
	}
	return !reflect.DeepEqual(one, two)
}
