package readback

import (
	"encoding/json/v2"
	"errors"
	"strings"
	"testing"
	"time"

	"brume/ingest/parts"
)

// Nothing of one publisher reaches another, by any way of asking.
func TestOwnOnly(t *testing.T) {
	w := newTested(t, 8<<20)
	sha2 := strings.Repeat("ab", 32)
	attachment := `"attachments":[{"usageType":"a:b","display":{},"contentType":"text/plain","length":3,"sha2":"` + sha2 + `"}]`
	w.Put(owner, false, decoded(t, made(t, "1", attachment)), []parts.Part{{SHA2: sha2, ContentType: "text/plain", Body: []byte("abc")}})
	w.put(made(t, "2"), made(t, "3"), void(t, "4", "2"))
	other := Owner{Number: 8, Name: "histoire"}
	w.Put(other, false, decoded(t, made(t, "9", attachment, `"object":{"objectType":"StatementRef","id":"`+id("1")+`"}`)), nil)
	for _, query := range []string{"statementId=" + id("1"), "statementId=" + id("2"), "voidedStatementId=" + id("2"), "statementId=" + id("4")} {
		if _, err := w.ask(other, query); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v", query, err)
		}
	}
	for _, query := range []string{"attachments=true", "attachments=true&activity=" + exercise, "ascending=true"} {
		a, err := w.ask(other, query)
		if err != nil || strings.Contains(string(a.Body), "4711") && !strings.Contains(string(a.Body), id("9")) || strings.Contains(string(a.Body), "abc\r\n") ||
			strings.Contains(string(a.Body), id("3")) {
			t.Errorf("%s: %v %s", query, err, a.Body)
		}
	}
	if a, _ := w.ask(other, "activity="+exercise); strings.Contains(string(a.Body), id("9")) {
		t.Error("a reference tells what another publisher's statement is about")
	}
	w.Put(other, false, decoded(t, void(t, "8", "3")), nil)
	if got := w.list(""); got.ids() != "4 3 1" {
		t.Errorf("another publisher voids: got %s", got.ids())
	}
	more := strings.TrimPrefix(w.list("limit=1").More, moreURL)
	if _, err := w.ask(other, "more="+more); !errors.Is(err, ErrMore) {
		t.Errorf("another publisher goes on with a list: %v", err)
	}
}

// A narrow key reads what its line sent and nothing else of its publisher, by
// any way of asking; another key of the publisher reads all.
func TestOwnLineOnly(t *testing.T) {
	w := newTested(t, 8<<20)
	sha2 := strings.Repeat("ab", 32)
	attachment := `"attachments":[{"usageType":"a:b","display":{},"contentType":"text/plain","length":3,"sha2":"` + sha2 + `"}]`
	linked := strings.Replace(attachment, `"length"`, `"fileUrl":"https://calcul.example/1","length"`, 1)
	whole := Owner{Number: owner.Number, Name: owner.Name}
	one, two := whole, whole
	one.Line, one.Narrow = "one", true
	two.Line, two.Narrow = "two", true
	put := func(by Owner, contents []parts.Part, texts ...string) {
		for _, text := range texts {
			w.Put(by, false, decoded(t, text), contents)
		}
	}
	content := []parts.Part{{SHA2: sha2, ContentType: "text/plain", Body: []byte("abc")}}
	put(one, content, made(t, "1", attachment))
	put(one, nil, made(t, "2"), void(t, "3", "2"))
	put(two, nil, made(t, "8", `"verb":{"id":"a:b"}`, `"object":{"objectType":"StatementRef","id":"`+id("1")+`"}`), made(t, "9", linked))
	put(whole, nil, made(t, "5"))
	rows := []struct {
		line  int
		as    Owner
		query string
		want  string
	}{
		{line(), one, "", "3 1"},
		{line(), two, "", "9 8"},
		{line(), whole, "", "5 9 8 3 1"},
		{line(), one, "ascending=true", "1 3"},
		{line(), two, "activity=" + exercise, "9"}, // a reference tells nothing of its target
		{line(), whole, "activity=" + exercise, "5 9 8 3 1"},
	}
	for _, row := range rows {
		var got result
		a, err := w.ask(row.as, row.query)
		if err != nil || json.Unmarshal(a.Body, &got) != nil || got.ids() != row.want {
			t.Errorf("line %d: got %s (%v), want %s", row.line, got.ids(), err, row.want)
		}
	}
	for _, query := range []string{"statementId=" + id("1"), "voidedStatementId=" + id("2"), "statementId=" + id("3"), "statementId=" + id("5")} {
		if _, err := w.ask(two, query); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s: %v", query, err)
		}
		if _, err := w.ask(whole, query); err != nil {
			t.Errorf("%s by the other key: %v", query, err)
		}
	}
	for by, want := range map[Owner]bool{one: true, two: false, whole: true} {
		if a, err := w.ask(by, "attachments=true"); err != nil || strings.Contains(string(a.Body), "abc\r\n") != want {
			t.Errorf("attachment read by line %q: want %t: %v", by.Line, want, err)
		}
	}
	a, _ := w.ask(whole, "limit=1")
	var all result
	_ = json.Unmarshal(a.Body, &all)
	if a, err := w.ask(two, "more="+strings.TrimPrefix(all.More, moreURL)); err != nil || strings.Contains(string(a.Body), id("1")+`"`) && !strings.Contains(string(a.Body), id("8")) ||
		strings.Contains(string(a.Body), id("3")) {
		t.Errorf("a narrow key goes on with a wide key's list: %v %s", err, a.Body)
	}
}

// What a narrow key cannot read it can void, and its owner learns of it: ids are
// the publisher's. Another publisher's it cannot.
func TestNarrowKeyVoids(t *testing.T) {
	for by, voided := range map[Owner]bool{{Number: owner.Number, Line: "one", Narrow: true}: true, {Number: owner.Number + 1, Line: "one"}: false} {
		w := newTested(t, 8<<20)
		two := Owner{Number: owner.Number, Line: "two", Narrow: true}
		w.Put(two, false, decoded(t, made(t, "1")), nil)
		w.Put(by, false, decoded(t, void(t, "2", "1")), nil)
		for query, gone := range map[string]bool{"statementId=": voided, "voidedStatementId=": !voided} {
			if _, err := w.ask(two, query+id("1")); errors.Is(err, ErrUnknown) != gone {
				t.Errorf("voided by %d, %s: %v", by.Number, query, err)
			}
		}
	}
}

func void(t *testing.T, n, target string) string {
	return made(t, n, `"verb":{"id":"http://adlnet.gov/expapi/verbs/voided"}`, `"object":{"objectType":"StatementRef","id":"`+strings.ToUpper(id(target))+`"}`)
}

// A voided statement shows by voidedStatementId alone, in whatever order the
// two came; a voiding one cannot be voided.
func TestVoiding(t *testing.T) {
	rows := []struct {
		line   int
		order  []string
		voided string
		list   string
	}{
		{line(), []string{made(t, "1"), void(t, "2", "1")}, "1", "2"},
		{line(), []string{void(t, "2", "1"), made(t, "1")}, "1", "2"},
		{line(), []string{"[" + void(t, "2", "1") + "," + made(t, "1") + "]"}, "1", "2"},
		{line(), []string{made(t, "1"), void(t, "2", "1"), void(t, "3", "1")}, "1", "3 2"},
		{line(), []string{made(t, "1"), void(t, "2", "1"), void(t, "3", "2")}, "1", "3 2"},
		{line(), []string{void(t, "3", "2"), made(t, "1"), void(t, "2", "1")}, "1", "2 3"},
		{line(), []string{void(t, "2", "2")}, "", "2"},
		{line(), []string{made(t, "1"), void(t, "2", "7")}, "", "2 1"},
	}
	for _, row := range rows {
		w := newTested(t, 8<<20)
		w.put(row.order...)
		if got := w.list(""); got.ids() != row.list {
			t.Errorf("line %d: got %s, want %s", row.line, got.ids(), row.list)
		}
		for _, n := range []string{"1", "2", "3"} {
			_, plain := w.ask(owner, "statementId="+id(n))
			_, voided := w.ask(owner, "voidedStatementId="+id(n))
			if (voided == nil) != (n == row.voided) || (plain == nil) != strings.Contains(row.list, n) {
				t.Errorf("line %d: statement %s: %v, voided %v", row.line, n, plain, voided)
			}
		}
	}
}

// A statement that came after the one that voids it stays voided when that one
// has left.
func TestVoidingFirst(t *testing.T) {
	w := newTested(t, 8<<20)
	w.put(void(t, "2", "1"))
	w.now = w.now.Add(10 * time.Minute)
	w.put(made(t, "1"))
	w.now = w.now.Add(10 * time.Minute)
	if got := w.list(""); got.ids() != "" || w.store.voiders != 0 {
		t.Errorf("got %s, %d voiders", got.ids(), w.store.voiders)
	}
	if _, err := w.ask(owner, "voidedStatementId="+id("1")); err != nil {
		t.Error(err)
	}
}
