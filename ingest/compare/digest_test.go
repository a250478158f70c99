package compare

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

const oneID = "9dc99b37-e920-4a68-a066-00000000000a"

// variants are ways to write each part of a statement: some mean the same, some
// nearly the same, some something else.
var variants = map[string][]string{
	"ID":        {oneID, strings.ToUpper(oneID)},
	"TIME":      {``, `"timestamp":"2026-09-14T12:00:00.5Z",`, `"timestamp":"2026-09-14t14:00:00.500+02:00",`, `"timestamp":"20260914T120000,5Z",`, `"timestamp":"2026-09-14T12:00:00.5000000001Z",`, `"timestamp":"2026-09-14T12:00:00.500000001Z",`, `"timestamp":"2016-12-31T23:59:60Z",`, `"timestamp":"2016-12-31T23:59:59Z",`, `"timestamp":"0001-01-01T00:00:00Z",`, `"timestamp":"2500-01-01T00:00:00Z",`},
	"ACTOR":     {`{"mbox":"mailto:a@b.example"}`, `{"objectType":"Agent","mbox":"mailto:a@B.example"}`, `{"mbox":"mailto:A@b.example"}`, `{"mbox_sha1sum":"ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}`, `{"mbox_sha1sum":"EBD31E95054c018b10727ccffd2ef2ec3a016ee9"}`, `{"openid":"https://id.example/1"}`, `{"account":{"name":"1","homePage":"https://id.example"}}`, `{"account":{"homePage":"https://id.example","name":"\u0031"}}`, `{"objectType":"Group","member":[{"openid":"a:1"},{"openid":"a:2"}]}`, `{"objectType":"Group","member":[{"openid":"a:2"},{"openid":"a:1"}]}`},
	"VERB":      {`{"id":"a:b"}`, `{"id":"\u0061:b","display":{"fr":"x"}}`, `{"id":"a:B"}`},
	"OBJECT":    {`{"id":"a:o"}`, `{"objectType":"Activity","id":"a:o","definition":{"type":"a:t"}}`, `{"objectType":"StatementRef","id":"` + oneID + `"}`, `{"objectType":"StatementRef","id":"` + strings.ToUpper(oneID) + `"}`, `{"objectType":"Agent","mbox":"mailto:a@b.example"}`, `{"objectType":"Agent","mbox":"mailto:a@B.example"}`, `{"objectType":"SubStatement","actor":{"openid":"a:1"},"verb":{"id":"a:b"},"object":{"id":"a:o"},"result":{"duration":"PT1.001S"}}`, `{"objectType":"SubStatement","actor":{"openid":"a:1"},"verb":{"id":"a:b"},"object":{"id":"a:o"},"result":{"duration":"PT1.00S"}}`},
	"SCORE":     {``, `,"score":{}`, `,"score":{"raw":0}`, `,"score":{"raw":-0}`, `,"score":{"raw":0.0}`, `,"score":{"raw":1e400}`, `,"score":{"raw":0.1}`, `,"score":{"raw":1e-1}`, `,"score":{"raw":0.1000000000000000055}`, `,"score":{"raw":1e-400}`, `,"score":{"min":0,"raw":0.1}`, `,"score":{"raw":0.10,"min":0}`},
	"DURATION":  {``, `,"duration":"PT60S"`, `,"duration":"PT60.00S"`, `,"duration":"PT60,009S"`, `,"duration":"PT60.0099999999999999999999S"`, `,"duration":"PT60.01S"`, `,"duration":"PT60.29S"`, `,"duration":"PT60.2999999999999999999999S"`, `,"duration":"PT60.3S"`, `,"duration":"PT1M"`, `,"duration":"PT1.00001M"`, `,"duration":"P1W"`},
	"SUCCESS":   {``, `,"success":true`, `,"success":false`},
	"EXTENSION": {`"a:e":1`, `"a:e":1.0`, `"a:e":2`},
}

// written puts the parts together.
func written(parts map[string]string) (text string) {
	text = `{"id":"ID",TIME"actor":ACTOR,"verb":VERB,"object":OBJECT,"result":{"extensions":{EXTENSION}SCOREDURATIONSUCCESS}}`
	for name, value := range parts {
		text = strings.Replace(text, name, value, 1)
	}
	return text
}

// What the comparison of texts calls the same, the digests never call another
// statement. The statements differ in at most two parts, so that many are the
// same.
func TestDigestsAreNoStricter(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 14))
	names := slices.Sorted(maps.Keys(variants)) // a fixed seed needs a fixed order
	d := NewDigester()
	equal, other := 0, 0
	for range 20_000 {
		first := map[string]string{}
		for _, name := range names {
			first[name] = variants[name][r.IntN(len(variants[name]))]
		}
		second := maps.Clone(first)
		for range 2 {
			name := names[r.IntN(len(names))]
			second[name] = variants[name][r.IntN(len(variants[name]))]
		}
		a, b := decode(written(first)), decode(written(second))
		if a == nil || b == nil {
			continue
		}
		same, err := Same(a.Raw, b.Raw)
		if err != nil {
			t.Fatal(err)
		}
		if !same {
			other++
			continue
		}
		equal++
		if d.Digest(a).Differs(d.Digest(b)) {
			t.Fatalf("the digests differ:\n%s\n%s", a.Raw, b.Raw)
		}
	}
	if equal < 1000 || other < 1000 {
		t.Errorf("%d equal pairs, %d others", equal, other)
	}
}
