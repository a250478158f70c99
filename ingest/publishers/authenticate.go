package publishers

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
)

// The answers of Authenticate.
var (
	ErrDenied   = errors.New("unknown key or wrong secret")
	ErrNotReady = errors.New("the registry of publishers is not read yet")
	ErrUnusable = errors.New("this instance cannot use the key")
)

// Authenticate returns the publisher of a request's live key, ErrDenied,
// ErrUnusable or ErrNotReady. It takes as long for an unknown key as for a
// wrong secret.
func (s *Store) Authenticate(r *http.Request) (Publisher, error) {
	l := s.live.Load()
	if l == nil {
		return Publisher{}, ErrNotReady
	}
	key, secret, _ := r.BasicAuth()
	e, known := l.secrets[key]
	got := digest(sha256.Sum256([]byte(secret)))
	if subtle.ConstantTimeCompare(got[:], e.secret[:]) != 1 || !known {
		return Publisher{}, ErrDenied
	}
	return e.let()
}

// let gives the publisher of a key that was proved.
func (e *entry) let() (Publisher, error) {
	if e.err != nil {
		return Publisher{}, fmt.Errorf("%w: %w", ErrUnusable, e.err)
	}
	return e.publisher, nil
}
