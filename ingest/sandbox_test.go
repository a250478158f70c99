package ingest

import (
	"errors"
	"net/http"
	"testing"

	"brume/schemas/event"
	"brume/schemas/topics"
)

// refusing fails when anything is sealed.
type refusing struct{ t *testing.T }

func (r refusing) Seal(*event.Event, int) ([]byte, error) {
	r.t.Error("a statement of a sandbox key was sealed")
	return nil, errors.New("refusing")
}

// Statements of a sandbox key are checked and counted as others are, and go
// nowhere; real keys never meet them.
func TestSandbox(t *testing.T) {
	e := newEndpoint(t, func(_ *Config, d *Deps) { d.Sealer = refusing{t} })
	e.keys.publisher.Sandbox = true
	teacher := statement("1", `,"context":{"extensions":{"https://brume.example/xapi/extensions/role":"teacher"}}`)
	if got := ids(t, e.post("["+statement("1", `,"id":"`+someID+`"`)+","+teacher+"]")); len(got) != 2 || got[0] != someID {
		t.Errorf("ids %v", got)
	}
	if w := e.post(statement("1", `,"id":"x"`)); code(w) != "format.uuid" {
		t.Errorf("an invalid statement: %d", w.Code)
	}
	if n := len(e.out.topic(topics.Statements)); n > 0 {
		t.Errorf("%d records were produced", n)
	}
	told := e.told(t)
	if len(told) != 1 || !told[0].Sandbox || told[0].Accepted != 2 || told[0].Refused != 1 || told[0].Dropped["teacher"] != 1 || told[0].Unmapped["school"] != 1 {
		t.Errorf("quality %+v", told)
	}
	read := func() int {
		return e.send(http.MethodGet, "/xapi/statements?statementId="+someID, "", nil).Code
	}
	if got := read(); got != http.StatusOK {
		t.Errorf("the sandbox key reads its statement back: %d", got)
	}
	e.keys.publisher.Sandbox = false
	if got := read(); got != http.StatusNotFound {
		t.Errorf("another key of the publisher reads the sandbox: %d", got)
	}
}
