package publishers

import (
	"encoding/json/v2"
	"testing"
	"unicode/utf8"

	"brume/internal/kafka"
	"brume/schemas/registry"
)

// FuzzRecord: whatever stands in the topic, a record is read or left out, and
// one that is read stays the same when it is written again, also what a newer
// version put into it.
func FuzzRecord(f *testing.F) {
	for _, text := range []string{
		`{"name":"calcul","number":1,"mapping":"generic","created":"2026-09-01T00:00:00Z","keys":[{"id":"bk-a","sha256":"00","created":"2026-09-01T00:00:00Z"}]}`,
		`{"name":"calcul","number":1,"mapping":"own","mapping_text":"name: own","revision":7,"keys":[{"id":"bk-b","client":"c","sandbox":true,"limits":{"rate":5,"burst":9,"schools":["0360001A"],"tools":["t"],"prefixes":["https://a/"],"daily":3},"hours":"8-18"}],"later":{"a":[1]}}`,
		`{"name":"calcul","number":1,"keys":[{"id":"bk-c","certificate":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]}`,
		`{"name":"calcul","number":1,"keys":[{"sha256":"a","client":"b"}]}`,
		`{`, ``, `null`, `[]`, `{"name":"other","number":1}`, `{"name":"calcul","number":-1}`,
	} {
		f.Add([]byte(text))
	}
	reg := registry.Demonstration(1)
	f.Fuzz(func(t *testing.T, value []byte) {
		g := newState()
		if _, err := g.apply(kafka.Record{Key: []byte("calcul"), Value: value}); err != nil {
			if len(g.records) > 0 || !g.damaged["calcul"] {
				t.Error("left out and kept")
			}
			return
		}
		r := g.records["calcul"]
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decode(again)
		if err != nil {
			t.Fatalf("%v: %s", err, again)
		}
		twice, err := json.Marshal(back)
		if err != nil || string(again) != string(twice) {
			t.Errorf("%v: %s became %s", err, again, twice)
		}
		if len(back.Keys) != len(r.Keys) {
			t.Fatal("keys were lost")
		}
		l := &live{secrets: map[string]entry{}, clients: map[string]entry{}, certificates: map[digest]entry{}}
		for i := range r.Keys {
			k := &r.Keys[i]
			if k.Newer() != back.Keys[i].Newer() || k.Kind() != back.Keys[i].Kind() {
				t.Errorf("key %d changed", i)
			}
			if err := l.add(k, entry{publisher: Publisher{Limits: k.Limits.Resolve(reg)}}); err == nil && k.Validate() != nil {
				t.Errorf("key %d is live and not valid", i)
			}
		}
	})
}

// FuzzAuthorization: a header holds at most one credential, of one kind, and
// what is read of it is in it.
func FuzzAuthorization(f *testing.F) {
	for _, value := range []string{"Basic YTpi", "basic YTpi", "Basic", "Basic ", "Basic !", "Basic YQ==", "Basic Og==", "Bearer a.b.c", "BEARER a", "Bearer ", "Bearer a b",
		"Bearer é", "Digest x", "null", "", " ", "Basic YTpi, Bearer x", "Bearer x,Basic YTpi"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		c := parseHeader(value)
		switch c.kind {
		case Secret:
			if c.token != "" || c.certificate != nil {
				t.Errorf("two kinds in %q", value)
			}
		case Client:
			if c.token == "" || c.key != "" || c.secret != "" || !utf8.ValidString(c.token) || len(c.token)+len("Bearer ") != len(value) {
				t.Errorf("token %q in %q", c.token, value)
			}
		case NoKind:
			if c != (credential{kind: NoKind}) {
				t.Errorf("%+v of nothing", c)
			}
		default:
			t.Errorf("kind %s of a header", c.kind)
		}
	})
}
