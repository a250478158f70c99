package canary

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// What is planted is found, in every form and at every place; nothing else is.
func TestFind(t *testing.T) {
	c := &Cage{}
	one, two := c.Of("first"), c.Of("second")
	for name, encode := range map[string]func(string) string{
		"as it is":       func(s string) string { return s },
		"upper case":     strings.ToUpper,
		"hexadecimal":    func(s string) string { return hex.EncodeToString([]byte(s)) },
		"upper hex":      func(s string) string { return fmt.Sprintf("%X", s) },
		"base64":         func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"base64 for URL": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"URL-escaped":    func(s string) string { return url.QueryEscape("é " + s + "/") },
		"all escaped":    func(s string) string { return strings.ReplaceAll(fmt.Sprintf("% X", s), " ", "%") },
	} {
		for shift := range 4 {
			text := encode(strings.Repeat("é", 1) + strings.Repeat("x", shift) + one + " and more")
			if _, at := Find([]byte("before it " + text + " after")); at < 0 {
				t.Errorf("%s, %d before: not found in %s", name, shift, text)
			}
		}
	}
	if how, at := Find([]byte("kanarie, kanarie7, 6b616e6172696537, a2FuYXJpZTc=")); at >= 0 {
		t.Errorf("found %s what is no canary", how)
	}
	if got := fmt.Sprint(c.Fields([]byte("…" + two + strings.ToUpper(one) + one))); got != "[second first]" || len(c.Names()) != 2 {
		t.Errorf("fields %s", got)
	}
}
