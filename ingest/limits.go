package ingest

import (
	"net/http"
	"strconv"
	"time"

	"brume/ingest/publishers"
	"brume/schemas/event"
	"brume/schemas/xapi"
)

// permit refuses a statement that the key may not send. The request is refused
// whole, and the error points to the first statement at fault.
func permit(r *request, batch xapi.Batch, i int, e *event.Event) *problem {
	code, ok := r.publisher.Limits.Permit(&batch.Statements[i], e)
	if ok {
		return nil
	}
	return &problem{Status: http.StatusForbidden, Code: code,
		Errors: []xapi.Fault{{Code: xapi.Code(code), Pointer: place(batch, i), Rule: "Brume limits"}}}
}

// place is the JSON Pointer of a batch's statement.
func place(batch xapi.Batch, i int) string {
	if batch.Single {
		return ""
	}
	return "/" + strconv.Itoa(i)
}

// fits refuses more statements than the key may ever send at once.
func fits(p *publishers.Publisher, n int) *problem {
	most, ok := p.Fits(n)
	if ok {
		return nil
	}
	return &problem{Status: http.StatusRequestEntityTooLarge, Code: "limit.burst", Most: most}
}

// spend takes statements from what the key may send now.
func spend(p *publishers.Publisher, n int, now time.Time) *problem {
	if p := fits(p, n); p != nil {
		return p
	}
	return tooFast(p.Allow(now, n))
}

// exhausted refuses a request of which not even one statement could pass,
// before its body costs anything.
func exhausted(p *publishers.Publisher, now time.Time) *problem { return tooFast(p.Exhausted(now)) }

func tooFast(wait time.Duration) *problem {
	if wait <= 0 {
		return nil
	}
	return &problem{Status: http.StatusTooManyRequests, Code: "limit.rate", After: wait}
}
