package publishers

import (
	"errors"
	"net/http"
	"time"
)

// Refusal is what a request is answered that Authenticate has an error for.
type Refusal struct {
	Status     int
	Code       string
	After      time.Duration // when the same request may succeed; 0: it will not
	Challenges []string      // what would be accepted: values of WWW-Authenticate
}

// RefusalOf says how an error of Authenticate is answered. One that it does not
// know is a denial.
func RefusalOf(err error) Refusal {
	switch {
	case errors.Is(err, ErrNotReady):
		return Refusal{Status: http.StatusServiceUnavailable, Code: "unavailable.starting", After: 2 * time.Second}
	case errors.Is(err, ErrStale):
		return Refusal{Status: http.StatusServiceUnavailable, Code: "unavailable.publishers", After: 10 * time.Second}
	case errors.Is(err, ErrUnusable):
		return Refusal{Status: http.StatusServiceUnavailable, Code: "unavailable.key", After: time.Minute}
	case errors.Is(err, ErrIdentity):
		return Refusal{Status: http.StatusServiceUnavailable, Code: "unavailable.identity", After: 10 * time.Second}
	case errors.Is(err, ErrSeveral):
		return Refusal{Status: http.StatusBadRequest, Code: "request.credentials_several"}
	}
	r := Refusal{Status: http.StatusUnauthorized, Code: "request.credentials", Challenges: []string{BasicChallenge}}
	if d, ok := errors.AsType[*Denial](err); ok {
		r.Challenges = d.Challenges
	}
	return r
}
