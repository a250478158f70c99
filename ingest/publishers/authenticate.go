package publishers

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"

	"brume/ingest/publishers/tokens"
)

// The answers of Authenticate.
var (
	ErrDenied   = errors.New("unknown key or wrong secret")
	ErrSeveral  = errors.New("several credentials at once")
	ErrNotReady = errors.New("the registry of publishers is not read yet")
	ErrUnusable = errors.New("this instance cannot use the key")
	ErrIdentity = errors.New("the identity server's keys are not known")
)

// Denial is the ErrDenied of a store: it says what would be accepted.
type Denial struct {
	Challenges []string // each a value of WWW-Authenticate
}

func (*Denial) Error() string { return ErrDenied.Error() }

// Is makes a denial ErrDenied.
func (*Denial) Is(target error) bool { return target == ErrDenied }

// BasicChallenge asks for a key and its secret.
const BasicChallenge = `Basic realm="brume", charset="UTF-8"`

func (s *Store) denied(c *credential) error {
	d := &Denial{Challenges: []string{BasicChallenge}}
	switch {
	case s.deps.Tokens == nil:
	case c.kind == Client:
		d.Challenges = append(d.Challenges, `Bearer realm="brume", error="invalid_token"`)
	default:
		d.Challenges = append(d.Challenges, `Bearer realm="brume"`)
	}
	return d
}

// Authenticate returns the publisher of a request's live key, ErrDenied,
// ErrSeveral, ErrUnusable, ErrIdentity, ErrNotReady or ErrStale. A key that the registry
// ends is denied from then on, whatever was verified before. It takes as long
// for an unknown key as for a wrong secret.
func (s *Store) Authenticate(r *http.Request) (Publisher, error) {
	l, err := s.current()
	if err != nil {
		return Publisher{}, err
	}
	c, err := present(r, s.deps.Now())
	if err != nil {
		return Publisher{}, err
	}
	e, known, err := s.find(r.Context(), l, &c)
	switch {
	case err != nil:
		return Publisher{}, err
	case !known:
		return Publisher{}, s.denied(&c)
	case e.err != nil:
		return Publisher{}, fmt.Errorf("%w: %w", ErrUnusable, e.err)
	}
	return e.publisher, nil
}

// find gives the live key that a credential proves.
func (s *Store) find(ctx context.Context, l *live, c *credential) (e entry, known bool, err error) {
	switch c.kind {
	case Secret:
		e, known = l.secrets[c.key]
		got := digest(sha256.Sum256([]byte(c.secret)))
		return e, subtle.ConstantTimeCompare(got[:], e.secret[:]) == 1 && known, nil
	case Client:
		return s.byToken(ctx, l, c.token)
	case Certificate:
		e, known = l.certificates[Fingerprint(c.certificate)]
		return e, known, nil
	}
	return entry{}, false, nil
}

// byToken finds the client that a token was given to.
func (s *Store) byToken(ctx context.Context, l *live, token string) (e entry, known bool, err error) {
	if s.deps.Tokens == nil {
		return entry{}, false, nil
	}
	client, err := s.deps.Tokens.Client(ctx, token)
	switch {
	case errors.Is(err, tokens.ErrNoKeys):
		return entry{}, false, fmt.Errorf("%w: %w", ErrIdentity, err)
	case err != nil:
		return entry{}, false, nil
	}
	e, known = l.clients[client]
	return e, known, nil
}
