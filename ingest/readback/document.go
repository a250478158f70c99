package readback

import (
	"bytes"
	"encoding/json/jsontext"
	"time"

	"brume/schemas/xapi"
)

// Owner is a publisher that sends or reads by a line of its keys. It sees its
// own statements only.
type Owner struct {
	Number uint16
	Name   string
	Line   string // the keys that replace each other
	Narrow bool   // reads only what the line sent
}

// Statement is a statement that is read back.
type Statement struct {
	ID     string
	Raw    []byte // as it was sent
	Stored time.Time
	V2     bool

	place uint64
}

// get returns a statement that the owner may see by its id, in lower case, and whether it
// is voided.
func (w *Window) get(owner Owner, id string) (st Statement, isVoided, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tick()
	e, _ := w.store.search(owner.Number, w.lines.sees(&owner), statement, id)
	if e == nil {
		return st, false, false
	}
	return w.statement(e), e.flags&voided != 0, true
}

// statement copies an entry. The lock MUST be held.
func (w *Window) statement(e *entry) Statement {
	id, raw := w.store.text(e)
	return Statement{ID: string(id), Raw: bytes.Clone(raw), Stored: time.Unix(0, e.at).UTC(), V2: e.flags&v2 != 0}
}

// statement writes a statement with the properties that the receiver sets: id,
// timestamp and version when the sender did not, stored and authority always.
func (r *rewriter) statement(st *Statement, authority jsontext.Value) {
	r.token(jsontext.BeginObject)
	var id, timestamp, version bool
	r.members(st.Raw, func(name string, v jsontext.Value) {
		switch name {
		case "stored", "authority":
			return
		case "id":
			id = true
		case "timestamp":
			timestamp = true
		case "version":
			version = true
		}
		r.shared(name, v)
	})
	stored := st.Stored.Format(time.RFC3339Nano)
	if !id {
		r.text("id", st.ID)
	}
	if !timestamp {
		r.text("timestamp", stored)
	}
	if !version {
		r.text("version", st.version())
	}
	r.text("stored", stored)
	r.keep("authority", authority)
	r.token(jsontext.EndObject)
}

func (st *Statement) version() string {
	if st.V2 {
		return "2.0.0"
	}
	return "1.0.0"
}

// homePage is that of the accounts which publishers have here.
const homePage = "https://brume.example/publishers"

// authority is the agent that asserts what the publisher sent.
func (o Owner) authority() jsontext.Value {
	name, err := jsontext.AppendQuote(nil, o.Name)
	if err != nil {
		name = []byte(`""`) // names are ASCII
	}
	return jsontext.Value(`{"objectType":"Agent","account":{"homePage":"` + homePage + `","name":` + string(name) + `}}`)
}

// is says whether the agent asked for is the owner's authority.
func (o Owner) is(want *xapi.Actor) bool {
	return want.Identifier == xapi.Account && want.HomePage == homePage && want.Value == o.Name
}
