package xapi

import (
	"encoding/json/jsontext"
	"mime"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Decoding never panics, names only known rules, and does not depend on how
// the same facts are written.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(statement()))
	f.Add([]byte("[" + statement(`"id":"9dc99b37-e920-4a68-a066-917faca28949"`) + "]"))
	f.Add([]byte(statement(`"result":{"score":{"scaled":-1,"raw":5e0,"min":0,"max":10},"duration":"PT1M","extensions":{"a:b":[{}]}}`)))
	f.Add([]byte(statement(`"actor":{"objectType":"Group","member":[{"mbox":"mailto:a@b.example"}]}`)))
	f.Add([]byte(statement(`"context":{"contextActivities":{"grouping":{"id":"a:b"}},"platform":"\u00e9","contextAgents":[{"objectType":"contextAgent","agent":{"openid":"a:b"}}]}`)))
	f.Add([]byte(deep(28)))
	f.Fuzz(func(t *testing.T, body []byte) {
		o := Options{V2: true, Limits: DefaultLimits()}
		first, err := Decode(body, o)
		if err != nil {
			for _, fault := range err.(Faults) {
				if rules[fault.Code].v2 != fault.Rule {
					t.Fatalf("unknown rule: %+v", fault)
				}
			}
			return
		}
		again := jsontext.Value(strings.Clone(string(body)))
		if err := again.Format(jsontext.Multiline(true), jsontext.ReorderRawObjects(true)); err != nil {
			t.Fatalf("accepted text does not format: %v", err)
		}
		o.Limits.Bytes = 1 << 30 // indentation may make it longer
		second, err := Decode(again, o)
		if err != nil {
			t.Fatalf("the same facts are refused: %v", err)
		}
		opts := cmp.Options{cmp.AllowUnexported(Actor{}, Context{}), cmp.FilterPath(func(p cmp.Path) bool {
			last := p.Last().String()
			return last == ".Raw" || last == ".Extensions" // text, and in another order
		}, cmp.Ignore())}
		if diff := cmp.Diff(second, first, opts); diff != "" {
			t.Fatalf("the same facts differ (-got, +want):\n%s", diff)
		}
	})
}

// durationForm is the grammar of ISO 8601, 4.4.3.2, written once more.
var durationForm = regexp.MustCompile(`^P(\d+([.,]\d+)?W|(\d+([.,]\d+)?Y)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?D)?(T(\d+([.,]\d+)?H)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?S)?)?)$`)

// Formats agree with what else knows them.
func FuzzFormats(f *testing.F) {
	for _, s := range []string{"fr-FR", "PT4H35M59.14S", "2008-09-15T15:53:00.601+00:00", "https://a.example/%41", "mailto:a@b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if seconds, ok := parseDuration(s); ok && (!(seconds >= 0) || !durationForm.MatchString(s)) {
			t.Errorf("duration %q gives %v", s, seconds)
		}
		if at, ok := parseTimestamp(s); ok && s[17:19] != "60" {
			if want, err := time.Parse(time.RFC3339, strings.ToUpper(s)); err != nil || !at.Equal(want) {
				t.Errorf("timestamp %q gives %v, want %v, %v", s, at, want, err)
			}
			if again, ok := parseTimestamp(iso8601(strings.ToUpper(s))); !ok || !again.Equal(at) {
				t.Errorf("timestamp %q is %v in ISO 8601", s, again)
			}
		}
		if parseTimestamp(iso8601(s)); validMbox(s) && !validIRI(s) {
			t.Errorf("%q is an mbox and not an IRI", s)
		}
		if validIRI(s) && (strings.ContainsAny(s, " <>\"{}|\\^`\x00\n") || !strings.Contains(s, ":")) {
			t.Errorf("%q is no IRI", s)
		}
		if validLanguage(s) && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			t.Errorf("%q is no language tag", s)
		}
		if _, _, err := mime.ParseMediaType(s); validMediaType(s) && err != nil {
			t.Errorf("media type %q: %v", s, err)
		}
	})
}
