package ingest

import (
	"net/http"

	"brume/ingest/publishers"
)

// unauthenticated is the answer to a request that no live key proves. A denial
// says what would be accepted.
func unauthenticated(w http.ResponseWriter, err error) *problem {
	refusal := publishers.RefusalOf(err)
	for _, challenge := range refusal.Challenges {
		w.Header().Add("WWW-Authenticate", challenge)
	}
	return &problem{Status: refusal.Status, Code: refusal.Code, After: refusal.After}
}

// several refuses a request with more than one credential, rather than choose.
func several() *problem {
	refusal := publishers.RefusalOf(publishers.ErrSeveral)
	return &problem{Status: refusal.Status, Code: refusal.Code}
}
