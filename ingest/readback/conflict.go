package readback

import (
	"bytes"
	"encoding/json/jsontext"

	"brume/schemas/xapi"
)

// MaxCompared bounds the text that a request makes the window parse: what is
// beyond is compared by digests.
const MaxCompared = 64 << 10

// Conflict says whether one of a publisher's statements has the id of another
// that came before, and its place. It compares as the specification says
// (1.0.3 Part Two 2.3.1): what the receiver fills in, definitions, displays and
// attachments do not count, nor do order and case where they mean nothing. It
// knows what the window keeps, and digests of some more; what it does not know
// is no conflict.
func (w *Window) Conflict(publisher uint16, statements []xapi.Statement) (index int, conflict bool) {
	budget := MaxCompared
	return w.ConflictWithin(&budget, publisher, statements)
}

// ConflictWithin is Conflict for a request that asks more than once: it parses
// so many bytes and takes them off the budget.
func (w *Window) ConflictWithin(budget *int, publisher uint16, statements []xapi.Statement) (index int, conflict bool) {
	for i := range statements {
		st := &statements[i]
		raw, known := w.earlier(publisher, st, *budget)
		if known == unknown {
			*budget -= len(raw) + len(st.Raw)
		}
		if known == differs || known == unknown && !same(raw, []byte(st.Raw)) {
			return i, true
		}
	}
	return 0, false
}

// verdict is what can be said of two statements without parsing them.
type verdict uint8

const (
	agrees verdict = iota
	differs
	unknown
)

// earlier compares a statement with what is kept under its id, and gives its
// text when that has to be parsed and both are within the budget.
func (w *Window) earlier(publisher uint16, st *xapi.Statement, budget int) ([]byte, verdict) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e, hash := w.store.search(publisher, everyLine, statement, st.ID)
	if e != nil {
		_, text := w.store.text(e)
		if string(text) == st.Raw {
			return nil, agrees
		}
		if len(text)+len(st.Raw) <= budget {
			return bytes.Clone(text), unknown
		}
	}
	if w.digests.differ(hash, st) {
		return nil, differs
	}
	return nil, agrees
}

// same compares two statements. What cannot be read does not differ.
func same(a, b []byte) bool {
	oneA, timeA, errA := normal(a)
	oneB, timeB, errB := normal(b)
	if errA != nil || errB != nil {
		return true
	}
	return bytes.Equal(oneA, oneB) && (timeA == "" || timeB == "" || timeA == timeB)
}

// normal writes a statement so that equal ones have equal texts, timestamps
// apart: one that is absent is the receiver's to set.
func normal(raw []byte) (text jsontext.Value, timestamp string, err error) {
	var b bytes.Buffer
	r := newRewriter(&b, compared, nil)
	r.object(raw, func(name string, v jsontext.Value) {
		switch name {
		case "id", "stored", "authority", "version":
		case "timestamp":
			timestamp = instant(v)
		default:
			r.shared(name, v)
		}
	})
	text = b.Bytes()
	r.fail(text.Canonicalize(jsontext.AllowDuplicateNames(true)))
	return text, timestamp, r.err
}
