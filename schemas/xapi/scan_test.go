package xapi

import (
	"bytes"
	"encoding/json/jsontext"
	"io"
	"slices"
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

// texts are what scanners differ on.
func texts() []string {
	long := strings.Repeat("0123456789", 40)
	list := []string{
		"", " ", "null", " null ", "nul", "nullx", "tru", "true", "false", "fals", "NULL", "null null", "\ufeffnull", "\x00", "null\x00",
		"0", "-0", "-", "01", "1.", ".5", "1.5", "1e5", "1e", "1e+", "1E-5", "+1", "1e400", "-1e-400", long, "0." + long, "0x1", "NaN", "Infinity", "1_0",
		`""`, `"`, `"a`, `"\u00e9"`, `"é"`, "\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\x7f\"", "\"\x1f\"", "\"\t\"", "\"\n\"",
		`"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\ud83d\ud83d"`, `"\ud83dx"`, `"\u12"`, `"\u12G4"`, `"\x41"`, `"\'"`, `"\"`, `"\\"`, `"\/\b\f\n\r\t\""`, `"\u0000"`, `'a'`, `"\`, `"\u`, `"\U0041"`,
		"[]", "[", "]", "[,]", "[1,]", "[,1]", "[1 2]", "[1]]", "[[]", "[1,,2]", "[ ]", "[\v]", "[\u00a0]", "[1]x", "[1}", "{]",
		"{}", "{", "}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{,"a":1}`, `{"a":1 "b":2}`, `{a:1}`, `{1:1}`, `{"a":1,"b":2}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":{"a":1},"b":{"a":1}}`, `{"a":1}}`, `{"a"::1}`, `{"":1,"":2}`, `{"":1}`, `{"\ud800":1,"\ufffd":2}`, `{"a":1;"b":2}`, `{null:1}`, `{"a":1//x` + "\n}", `{"a":1/**/}`,
		strings.Repeat("[", 9999) + strings.Repeat("]", 9999), strings.Repeat("[", 10000) + strings.Repeat("]", 10000), strings.Repeat("[", 10001) + strings.Repeat("]", 10001),
	}
	for n := range 20 { // strings that end, or go wrong, at each place of a word
		pad := strings.Repeat("x", n)
		list = append(list, `"`+pad+`"`, `"`+pad, `"`+pad+"\x1f\"", `"`+pad+"\xff\"", `"`+pad+`é"`, `"`+pad+`\n"`, `"`+pad+`"y`)
	}
	for _, n := range []int{few - 1, few, few + 1, 100, 5000} { // repeated names, early and late
		var b strings.Builder
		for i := range n {
			b.WriteString(`"` + strings.Repeat("k", i%7) + string(rune('a'+i%26)) + strings.Repeat("é", i/26) + `":0,`)
		}
		all := b.String()
		list = append(list, "{"+all+`"last":0}`, "{"+all+`"a":0}`, `{"last":1,`+all+`"last":0}`)
	}
	return list
}

// The scanner accepts exactly what jsontext accepts, and reads the same.
func TestTextIsReadAsJSONText(t *testing.T) {
	for _, text := range texts() {
		sameAsReference(t, text)
	}
}

func FuzzText(f *testing.F) {
	for _, text := range texts() {
		if len(text) < 1000 {
			f.Add(text)
		}
	}
	f.Fuzz(sameAsReference)
}
