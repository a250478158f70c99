package readback

import (
	"brume/ingest/compare"
	"brume/schemas/xapi"
)

// Conflict says whether one of a publisher's statements has the id of another
// that came before, and its place. It knows what the window keeps, and digests
// of some more; what it does not know, or has not the budget to compare, is no
// conflict.
func (w *Window) Conflict(publisher uint16, statements []xapi.Statement) (index int, conflict bool) {
	budget := compare.MaxBytes
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
		if known == differs || known == unknown && differ(raw, st.Raw) {
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
func (w *Window) earlier(publisher uint16, st *xapi.Statement, budget int) (string, verdict) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e, hash := w.store.search(publisher, everyLine, statement, st.ID)
	if e != nil {
		_, text := w.store.text(e)
		if string(text) == st.Raw {
			return "", agrees
		}
		if len(text)+len(st.Raw) <= budget {
			return string(text), unknown
		}
	}
	if w.digests.differ(hash, st) {
		return "", differs
	}
	return "", agrees
}

// differ says that two statements are not the same; what cannot be read is no
// conflict.
func differ(a, b string) bool {
	same, err := compare.Same(a, b)
	return err == nil && !same
}
