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
)

// Run fetches the keys, and again from time to time until ctx ends. While that
// fails the last ones go on working.
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

// refresh fetches newer keys than those given, unless somebody just did. An
// error means that there may be newer ones.
func (v *Verifier) refresh(ctx context.Context, before *keys) error {
	select {
	case v.turn <- struct{}{}:
		defer func() { <-v.turn }()
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrNoKeys, ctx.Err())
	}
	if v.keys.Load() != before {
		return nil // somebody else fetched meanwhile
	}
	if since := v.now().Sub(v.tried); since >= 0 && since < pause && !v.tried.IsZero() {
		return v.fault
	}
	// Who asked may go away: that must not count as the server's silence.
	k, err := v.fetch(context.WithoutCancel(ctx))
	v.tried, v.fault = v.now(), nil
	if err != nil {
		v.fault = fmt.Errorf("%w: %w", ErrNoKeys, err)
		return v.fault
	}
	if before == nil || before.digest != k.digest {
		v.keys.Store(k)
	}
	return nil
}
