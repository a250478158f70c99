package ingest

import (
	"fmt"
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
	text := forbidden[code]
	return &problem{Status: http.StatusForbidden, Code: code,
		Detail: "Nothing of the request was taken. The key is bound to schools, tools or activities, and a statement is of another.",
		Errors: []xapi.Fault{{Code: xapi.Code(code), Pointer: place(batch, i), Rule: "Brume limits", Message: text.en, MessageFR: text.fr}}}
}

// place is the JSON Pointer of a batch's statement.
func place(batch xapi.Batch, i int) string {
	if batch.Single {
		return ""
	}
	return "/" + strconv.Itoa(i)
}

var forbidden = map[string]struct{ en, fr string }{
	publishers.ForbiddenSchool: {"the key may send for its own schools only, and the statement's is another or not known",
		"la clé ne vaut que pour ses établissements, et celui de la déclaration est un autre ou n'est pas connu"},
	publishers.ForbiddenTool: {"the key may send for its own tools only, and the statement's is another or not known",
		"la clé ne vaut que pour ses outils, et celui de la déclaration est un autre ou n'est pas connu"},
	publishers.ForbiddenPrefix: {"the key may send activities under its own prefixes only, and the statement's object is none",
		"la clé ne vaut que pour les activités sous ses préfixes, et l'objet de la déclaration n'en est pas une"},
}

// fits refuses more statements than the key may ever send at once.
func fits(p *publishers.Publisher, n int) *problem {
	most, ok := p.Fits(n)
	if ok {
		return nil
	}
	return &problem{Status: http.StatusRequestEntityTooLarge, Code: "limit.burst",
		Detail: fmt.Sprintf("The key takes at most %d statements at once: send smaller batches.", most)}
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
	return &problem{Status: http.StatusTooManyRequests, Code: "limit.rate", After: wait,
		Detail: "The key sends more statements a second than it may: send the same request again later."}
}
