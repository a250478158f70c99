// Package pairs is the table of what makes two statements the same. The tests
// of everything that compares statements go through it, so that nothing does so
// in a way of its own.
package pairs

import "strings"

// Pair is two valid statements with one id.
type Pair struct {
	A, B   string
	Same   bool
	Hidden bool // a difference that digests do not see
}

const (
	id      = "9dc99b37-e920-4a68-a066-917faca28949"
	class   = "5e1f0a52-0b3c-4d1e-8f2a-7c6b5a493827"
	earlier = "ec531277-b57b-4c15-8d91-d292c5b2b8f7"
)

const first = `{"id":"` + id + `","timestamp":"2026-09-14T12:00:00.5Z",
"actor":{"objectType":"Group","name":"6e B","mbox":"mailto:Sixieme@ac-aix.example","member":[{"name":"x","openid":"https://id.example/1"},{"mbox_sha1sum":"ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}]},
"verb":{"id":"a:answered","display":{"fr":"a répondu"}},
"object":{"objectType":"Activity","id":"a:exercise","definition":{"name":{"fr":"Exercice"}}},
"result":{"score":{"scaled":0.5},"response":"x","duration":"PT60S","extensions":{"a:b":{"id":1,"definition":[1,2]}}},
"context":{"registration":"` + class + `","language":"fr-FR","statement":{"objectType":"StatementRef","id":"` + earlier + `"},"contextActivities":{"parent":{"id":"a:p"},"other":[{"id":"a:1"},{"id":"a:2"}]}}}`

const sub = `{"id":"` + id + `","actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"a:planned"},
"object":{"objectType":"SubStatement","actor":{"mbox":"mailto:c@b.example"},"verb":{"id":"a:do"},"object":{"id":"a:x"},"result":{"duration":"PT1M"},"timestamp":"2026-09-14T12:00:00Z"}}`

const same, seen, hidden = "same", "seen", "hidden"

// rows are a text of a statement, what takes its place in the other one, and
// whether that makes a difference, which digests see or not.
var rows = [][3]string{
	// The receiver may set these.
	{`"id":"` + id + `",`, ``, same},
	{`"timestamp":"2026-09-14T12:00:00.5Z",`, ``, same},
	{`"verb"`, `"authority":{"openid":"a:b"},"version":"1.0.3","stored":"2026-09-14T12:00:00Z","verb"`, same},
	// These are no part of the statement.
	{`,"display":{"fr":"a répondu"}`, ``, same},
	{`"a répondu"`, `"répondit"`, same},
	{`,"definition":{"name":{"fr":"Exercice"}}`, ``, same},
	{`"Exercice"`, `"Autre"`, same},
	{`"verb"`, `"attachments":[{"usageType":"a:essay","display":{"fr":"copie"},"contentType":"text/plain","length":1,"sha2":"` + sha2 + `","fileUrl":"https://tool.example/copie"}],"verb"`, same},
	// These say one thing in two ways.
	{`.5Z`, `.500z`, same},
	{`2026-09-14T12:00:00.5Z`, `2026-09-14T14:00:00.500+02:00`, same},
	{`{"name":"x","openid":"https://id.example/1"},{"mbox_sha1sum":"ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}`,
		`{"objectType":"Agent","mbox_sha1sum":"EBD31E95054C018B10727CCFFD2EF2EC3A016EE9"}, {"openid":"https://id.example/1","name":"\u0078"}`, same},
	{`"name":"6e B","mbox":"mailto:Sixieme@ac-aix.example"`, `"mbox":"mailto:Sixieme@AC-AIX.example","name":"6\u0065 B"`, same},
	{`"objectType":"Activity",`, ``, same},
	{`{"id":"a:p"}`, `[{"id":"a:p","objectType":"Activity"}]`, same},
	{`{"id":"a:1"},{"id":"a:2"}`, `{"id":"a:2"},{"id":"a:1"}`, same},
	{`0.5}`, `5e-1}`, same},
	{`"id":1,"definition":[1,2]`, `"definition":[1.0,2],"id":1`, same},
	{`fr-FR`, `fr-fr`, same},
	{class, strings.ToUpper(class), same},
	{earlier, strings.ToUpper(earlier), same},
	{id, strings.ToUpper(id), same},
	{`PT60S`, `PT60.00S`, same},
	{`PT60S`, `PT60,009S`, same},
	// A duration is text.
	{`PT60S`, `PT1M`, seen},
	{`PT60S`, `PT060S`, seen},
	{`PT60S`, `PT60.01S`, seen},
	// What digests see.
	{`12:00:00.5Z`, `12:00:00.6Z`, seen},
	{`a:answered`, `a:passed`, seen},
	{`a:exercise`, `a:Exercise`, seen},
	{`mailto:Sixieme`, `mailto:sixieme`, seen},
	{`0.5}`, `0.6}`, seen},
	{`"result":{`, `"result":{"success":true,`, seen},
	// What they do not.
	{`"response":"x"`, `"response":"y"`, hidden},
	{`[1,2]`, `[2,1]`, hidden},
	{`id.example/1`, `id.example/2`, hidden},
	{`"name":"x",`, ``, hidden},
	{`"parent"`, `"grouping"`, hidden},
	{`"a:p"`, `"a:q"`, hidden},
	{`"language":"fr-FR",`, ``, hidden},
	{earlier, class, hidden},
}

var subRows = [][3]string{
	{`mailto:c@b.example`, `mailto:c@B.example`, same},
	{`"2026-09-14T12:00:00Z"`, `"2026-09-14T13:00:00+01:00"`, same},
	{`"2026-09-14T12:00:00Z"`, `"2026-09-14T13:00:00Z"`, hidden},
	{`,"timestamp":"2026-09-14T12:00:00Z"`, ``, hidden}, // that of a SubStatement nobody sets
	{`PT1M`, `PT1M0.001S`, hidden},
	{`a:do`, `a:did`, hidden},
}

const sha2 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"

// All is the table; names are what is replaced by what.
func All() map[string]Pair {
	all := map[string]Pair{"the same text": {A: first, B: first, Same: true}}
	add := func(text string, rows [][3]string) {
		for _, r := range rows {
			if !strings.Contains(text, r[0]) {
				panic("no " + r[0])
			}
			all[r[0]+" → "+r[1]] = Pair{A: text, B: strings.Replace(text, r[0], r[1], 1), Same: r[2] == same, Hidden: r[2] == hidden}
		}
	}
	add(first, rows)
	add(sub, subRows)
	return all
}
