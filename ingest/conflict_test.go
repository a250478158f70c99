package ingest

import (
	"net/http"
	"strings"
	"testing"

	"brume/schemas/topics"
)

// The same statement may come again, another one may not take its id.
func TestConflict(t *testing.T) {
	for name, edit := range map[string]func(*Config, *Deps){"kept": nil, "digests only": func(c *Config, _ *Deps) { c.Readback = 0 }} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, edit)
			withID := `,"id":"` + someID + `"`
			first, other := statement("1", withID), statement("2", withID)
			ids(t, e.post(first))
			ids(t, e.post(strings.Replace(first, `,"id":"`, ` , "id" : "`, 1)))
			w := e.post("[" + statement("3", "") + "," + other + "]")
			if w.Code != http.StatusConflict || code(w) != "statement.conflict" || !strings.Contains(w.Body.String(), `"pointer":"/1"`) {
				t.Errorf("another statement: %d %s", w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), someID) || strings.Contains(w.Body.String(), "ent.aix") {
				t.Errorf("the answer quotes the statement: %s", w.Body)
			}
			put := func(body string) int {
				return e.send(http.MethodPut, "/xapi/statements?statementId="+someID, body, nil).Code
			}
			if same, another := put(first), put(other); same != http.StatusNoContent || another != http.StatusConflict {
				t.Errorf("PUT: %d, %d", same, another)
			}
			if n := len(e.out.topic(topics.Statements)); n != 3 {
				t.Errorf("%d records, want 3", n)
			}
			if c := e.Counts(); c.Accepted != 3 || c.Refused != 2 {
				t.Errorf("counts %+v", c)
			}
		})
	}
}

// Nobody learns of another publisher's ids, nor does a sandbox meet what counts.
func TestNoConflictAcross(t *testing.T) {
	e := newEndpoint(t, nil)
	withID := `,"id":"` + someID + `"`
	ids(t, e.post(statement("1", withID)))
	e.keys.publisher.Sandbox = true
	ids(t, e.post(statement("2", withID)))
	e.keys.publisher.Sandbox, e.keys.publisher.Number = false, 8
	ids(t, e.post(statement("3", withID)))
}
