package compare

import (
	"testing"

	"brume/ingest/compare/pairs"
	"brume/schemas/xapi"
)

// decode gives what ingest compares, nil for what it refuses.
func decode(text string) *xapi.Statement {
	batch, err := xapi.Decode([]byte(text), xapi.Options{Multipart: true, Limits: xapi.DefaultLimits()})
	if err != nil {
		return nil // a number that is too large, for one
	}
	return &batch.Statements[0]
}

// What makes two statements the same, whichever comes first: by their texts, and
// by their digests as far as those see.
func TestSame(t *testing.T) {
	d := NewDigester()
	for what, p := range pairs.All() {
		a, b := decode(p.A), decode(p.B)
		if a == nil || b == nil {
			t.Fatalf("%s: no valid statement", what)
		}
		for _, turned := range [][2]*xapi.Statement{{a, b}, {b, a}} {
			if got, err := Same(turned[0].Raw, turned[1].Raw); err != nil || got != p.Same {
				t.Errorf("%s: %t, %v", what, got, err)
			}
			if got := d.Digest(turned[0]).Differs(d.Digest(turned[1])); got != (!p.Same && !p.Hidden) {
				t.Errorf("%s: digests differ %t", what, got)
			}
		}
	}
}

// A number that no float64 holds is compared all the same, and what is no JSON
// is not taken for a difference.
func TestSameOfOddTexts(t *testing.T) {
	const large = `{"result":{"extensions":{"a:b":1e400,"a:c":-0}}}`
	if got, err := Same(large, `{"result":{"extensions":{"a:c":0,"a:b":1e400}}}`); err != nil || !got {
		t.Errorf("%t, %v", got, err)
	}
	if _, err := Same(large, large[1:]); err == nil {
		t.Error("compared what is no JSON")
	}
}
