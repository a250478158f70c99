package tokens

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// The answers of Client.
var (
	ErrInvalid = errors.New("the token is not valid here")
	ErrNoKeys  = errors.New("the identity server's keys are not known")
)

// Verifier checks tokens. It is safe for concurrent use.
type Verifier struct {
	cfg     Config
	log     *slog.Logger
	now     func() time.Time
	http    *http.Client
	allowed []jose.SignatureAlgorithm

	keys      atomic.Pointer[keys]      // the last that were read; nil before
	confirmed atomic.Pointer[time.Time] // when they were last what the server publishes
	turn      chan struct{}             // holds the right to fetch
	tried     time.Time                 // when keys were asked for last; whoever has turn may look
	fault     error                     // of that time
}

// New prepares a verifier of a valid configuration; Run keeps its keys fresh.
func New(cfg Config, log *slog.Logger, now func() time.Time) *Verifier {
	return &Verifier{cfg: cfg, log: log, now: now, allowed: cfg.algorithms(), turn: make(chan struct{}, 1),
		http: &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: fetchTime, MaxIdleConns: 1, IdleConnTimeout: time.Minute},
			CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("redirects are not followed") }}}
}

// maxToken bounds what is decoded for somebody who is not known yet.
const maxToken = 8 << 10

// claims are what is read of a token.
type claims struct {
	jwt.Claims
	ClientID string `json:"client_id"`
	Party    string `json:"azp"`
}

// Client returns the client that a token was given to. It returns ErrInvalid
// when the token is not the configured issuer's for the configured audience,
// or not valid now, and ErrNoKeys when that cannot be decided.
func (v *Verifier) Client(ctx context.Context, token string) (string, error) {
	digest := sha256.Sum256([]byte(token))
	if k := v.current(); k != nil {
		if client, known := k.verified.get(digest, v.now()); known {
			return client, nil
		}
	}
	if len(token) > maxToken {
		return "", ErrInvalid
	}
	signed, err := jwt.ParseSigned(token, v.allowed)
	if err != nil || len(signed.Headers) != 1 {
		return "", ErrInvalid
	}
	k, c, err := v.verify(ctx, signed)
	if err != nil {
		return "", err
	}
	client, err := v.accept(&c)
	if err != nil {
		return "", err
	}
	k.verified.put(digest, holder{client, c.Expiry.Time()})
	return client, nil
}

// verify checks the signature, and asks once for newer keys when no known one
// has the token's key id.
func (v *Verifier) verify(ctx context.Context, signed *jwt.JSONWebToken) (*keys, claims, error) {
	kid, alg := signed.Headers[0].KeyID, jose.SignatureAlgorithm(signed.Headers[0].Algorithm)
	before := v.keys.Load()
	k := v.current()
	fit := k.of(kid, alg)
	if len(fit) == 0 {
		if err := v.ask(ctx, before); err != nil {
			return nil, claims{}, err
		}
		k = v.current()
		fit = k.of(kid, alg)
	}
	for _, key := range fit {
		var c claims
		if err := signed.Claims(key, &c); err == nil {
			return k, c, nil
		}
	}
	return nil, claims{}, ErrInvalid
}

// accept checks the claims: a token without an end is none.
func (v *Verifier) accept(c *claims) (client string, err error) {
	expected := jwt.Expected{Issuer: v.cfg.Issuer, AnyAudience: jwt.Audience{v.cfg.Audience}, Time: v.now()}
	if c.Expiry == nil || c.ValidateWithLeeway(expected, v.cfg.Leeway) != nil {
		return "", ErrInvalid
	}
	client = c.ClientID
	if client == "" {
		client = c.Party
	}
	if client == "" || c.Party != "" && c.Party != client {
		return "", ErrInvalid
	}
	return client, nil
}
