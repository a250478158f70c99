package tokens

import (
	"context"
	"fmt"
	"time"
)

const (
	// fresh is how long keys are used before Run asks for them again.
	fresh = 5 * time.Minute
	// pause is the least between two fetches, whatever tokens are sent: nobody
	// makes us flood the identity server.
	pause = 10 * time.Second
	// trusted is how long keys are used that could not be asked for again: the
	// server may have withdrawn them. It is above what a server's restart takes.
	trusted = time.Hour
)

// Run fetches the keys, and again from time to time until ctx ends. While that
// fails the last ones go on working for as long as they are trusted.
func (v *Verifier) Run(ctx context.Context) {
	for {
		wait := fresh
		if err := v.refresh(ctx, v.keys.Load()); err != nil {
			wait = pause
			if ctx.Err() == nil {
				v.log.Warn("the identity server's keys are not read", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			v.http.CloseIdleConnections()
			return
		case <-time.After(wait):
		}
	}
}

// current gives the keys that are trusted now, or nil.
func (v *Verifier) current() *keys {
	k, at := v.keys.Load(), v.confirmed.Load()
	if k == nil || at == nil || v.now().Sub(*at) > trusted {
		return nil
	}
	return k
}

// refresh fetches newer keys than those given, unless somebody just did.
func (v *Verifier) refresh(ctx context.Context, before *keys) error {
	select {
	case v.turn <- struct{}{}:
		return v.renew(ctx, before)
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrNoKeys, ctx.Err())
	}
}

// ask is refresh for a request: one at a time waits for the server, and others
// are answered at once that nobody knows yet. Waiting would let tokens with
// invented key ids hold every place.
func (v *Verifier) ask(ctx context.Context, before *keys) error {
	select {
	case v.turn <- struct{}{}:
		return v.renew(ctx, before)
	default:
		return fmt.Errorf("%w: they are being asked for", ErrNoKeys)
	}
}

// renew fetches keys for whoever has the turn, and gives it back. An error means
// that there may be newer ones.
func (v *Verifier) renew(ctx context.Context, before *keys) error {
	defer func() { <-v.turn }()
	if v.keys.Load() != before {
		return nil // somebody else fetched meanwhile
	}
	if since := v.now().Sub(v.tried); since >= 0 && since < pause && !v.tried.IsZero() {
		return v.fault
	}
	// Who asked may go away: that must not count as the server's silence.
	k, err := v.fetch(context.WithoutCancel(ctx))
	now := v.now()
	v.tried, v.fault = now, nil
	if err != nil {
		v.fault = fmt.Errorf("%w: %w", ErrNoKeys, err)
		return v.fault
	}
	if before == nil || before.digest != k.digest {
		v.keys.Store(k)
	}
	v.confirmed.Store(&now)
	return nil
}
