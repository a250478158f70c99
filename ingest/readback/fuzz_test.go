package readback

import (
	"encoding/json/jsontext"
	"errors"
	"net/url"
	"strings"
	"testing"
)

// Whatever the parameters, the answer is a fault that quotes nothing, or valid
// JSON in which every list ends.
func FuzzQuery(f *testing.F) {
	for _, query := range []string{
		"", "limit=1&ascending=true", "statementId=" + id("1"), "voidedStatementId=" + id("2") + "&format=ids",
		`agent={"mbox":"mailto:a@b.example"}&related_agents=true`, `agent={"account":{"homePage":"https://ent.aix.example","name":"4711"}}`,
		"activity=" + exercise + "&related_activities=true&format=canonical", "verb=a:answered&registration=" + classID,
		"since=2026-09-14T12:30:00Z&until=9999-12-31T23:59:59.999999999%2B23:59", "more=AAAA", "statementId=1&statementId=2", "%", ";", "a=b",
	} {
		f.Add(query, "fr-CA, en;q=0.5")
	}
	w := newTested(f, 1<<20)
	w.put(whole, strings.ReplaceAll(whole, id("1"), id("2")), made(f, "3"), made(f, "4", `"object":{"objectType":"StatementRef","id":"`+id("1")+`"}`),
		made(f, "5", `"verb":{"id":"http://adlnet.gov/expapi/verbs/voided"}`, `"object":{"objectType":"StatementRef","id":"`+id("2")+`"}`))
	f.Fuzz(func(t *testing.T, query, accept string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		q, fault := ParseQuery(values)
		if fault != nil {
			if fault.Code == "" || fault.Parameter != "" && parameters[fault.Parameter] == nil {
				t.Errorf("fault %+v", fault)
			}
			return
		}
		for range 10 {
			a, err := w.Read(owner, q, ParseLanguages(accept))
			if errors.Is(err, ErrUnknown) || errors.Is(err, ErrMore) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if q.Attachments {
				return
			}
			if !jsontext.Value(a.Body).IsValid() {
				t.Fatalf("answer %s", a.Body)
			}
			i := strings.LastIndex(string(a.Body), moreURL)
			if q.ID != "" || i < 0 {
				return
			}
			q = Query{More: strings.TrimSuffix(string(a.Body[i+len(moreURL):]), `"}`)}
		}
		t.Error("the list does not end")
	})
}
