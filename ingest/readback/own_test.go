package readback

import (
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
	w.Put(owner.Number, false, decoded(t, made(t, "1", attachment)), []parts.Part{{SHA2: sha2, ContentType: "text/plain", Body: []byte("abc")}})
	w.put(made(t, "2"), made(t, "3"), void(t, "4", "2"))
	other := Owner{8, "histoire"}
	w.Put(other.Number, false, decoded(t, made(t, "9", attachment, `"object":{"objectType":"StatementRef","id":"`+id("1")+`"}`)), nil)
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
	w.Put(other.Number, false, decoded(t, void(t, "8", "3")), nil)
	if got := w.list(""); got.ids() != "4 3 1" {
		t.Errorf("another publisher voids: got %s", got.ids())
	}
	more := strings.TrimPrefix(w.list("limit=1").More, moreURL)
	if _, err := w.ask(other, "more="+more); !errors.Is(err, ErrMore) {
		t.Errorf("another publisher goes on with a list: %v", err)
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
