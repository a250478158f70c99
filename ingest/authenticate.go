package ingest

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"brume/ingest/publishers"
)

// secretive are the names of parameters that hold credentials, in lower case.
var secretive = []string{"authorization", "access_token", "token", "id_token", "assertion", "client_assertion", "key", "api_key", "apikey",
	"secret", "client_secret", "password"}

// misplaced refuses credentials in the query string, right or wrong ones:
// addresses are kept in logs and histories. They count as known to others.
func misplaced(r *http.Request) *problem {
	if r.URL.RawQuery == "" {
		return nil
	}
	for name := range r.URL.Query() {
		if slices.Contains(secretive, strings.ToLower(name)) {
			return &problem{Status: http.StatusBadRequest, Code: "request.credentials_place",
				Detail: "Credentials do not belong in an address, which others see: send them in the header Authorization, and have these replaced."}
		}
	}
	return nil
}

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
		return &problem{Status: http.StatusBadRequest, Code: "request.credentials_several",
			Detail: "Send one credential: a key and its secret, an access token, or a client certificate."}
	}
	offered := []string{publishers.BasicChallenge}
	if d, ok := errors.AsType[*publishers.Denial](err); ok {
		offered = d.Challenges
	}
	for _, challenge := range offered {
		w.Header().Add("WWW-Authenticate", challenge)
	}
	return &problem{Status: http.StatusUnauthorized, Code: "request.credentials",
		Detail: "Send a live key and its secret by HTTP Basic authentication, or what else WWW-Authenticate offers."}
}
