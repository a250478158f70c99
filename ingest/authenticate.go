package ingest

import (
	"errors"
	"net/http"
	"time"

	"brume/ingest/publishers"
)

// unauthenticated is the answer to a request that no live key proves. A denial
// says what would be accepted.
func unauthenticated(w http.ResponseWriter, err error) *problem {
	switch {
	case errors.Is(err, publishers.ErrNotReady):
		return unavailable("unavailable.starting", 2*time.Second)
	case errors.Is(err, publishers.ErrUnusable):
		return unavailable("unavailable.key", time.Minute)
	case errors.Is(err, publishers.ErrIdentity):
		return unavailable("unavailable.identity", 10*time.Second)
	case errors.Is(err, publishers.ErrSeveral):
		return several()
	}
	offered := []string{publishers.BasicChallenge}
	if d, ok := errors.AsType[*publishers.Denial](err); ok {
		offered = d.Challenges
	}
	for _, challenge := range offered {
		w.Header().Add("WWW-Authenticate", challenge)
	}
	return &problem{Status: http.StatusUnauthorized, Code: "request.credentials"}
}

// several refuses a request with more than one credential, rather than choose.
func several() *problem {
	return &problem{Status: http.StatusBadRequest, Code: "request.credentials_several"}
}
