package ingest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"brume/ingest/publishers"
	"brume/internal/kafka"
)

// What the status page says follows what was answered to statements, and says
// since when it is so.
func TestState(t *testing.T) {
	now := noon
	e := newEndpoint(t, func(_ *Config, d *Deps) { d.Now = func() time.Time { return now } })
	at := func(after time.Duration, taking bool, code string, since time.Duration) {
		t.Helper()
		now = noon.Add(after)
		if s := e.State(); s.Taking != taking || s.Code != code || !s.Since.Equal(noon.Add(since)) {
			t.Errorf("after %s: %+v", after, s)
		}
	}
	at(0, true, "", 0)
	e.out.before = func() error { return errors.New("away") }
	e.post(statement("1", ""))
	at(time.Second, false, "unavailable.broker", time.Second)
	e.keys.publisher.Sandbox = true // which needs no broker
	e.post(statement("1", ""))
	at(2*time.Second, false, "unavailable.broker", time.Second)
	e.keys.publisher.Sandbox = false
	if w := e.post(statement("1", `,"context":{"extensions":{"https://brume.example/xapi/extensions/role":"teacher"}}`)); w.Code != http.StatusOK {
		t.Errorf("what is not folded needs no broker: %d", w.Code)
	}
	at(2*time.Second, false, "unavailable.broker", time.Second)
	e.out.before = nil
	e.post(statement("1", ""))
	at(3*time.Second, true, "", 3*time.Second)
	e.out.before = func() error { return kafka.ErrBusy } // a full house is no outage
	e.post(statement("1", ""))
	e.send(http.MethodPost, "/xapi/statements", "{", nil)
	at(4*time.Second, true, "", 3*time.Second)
	ctx, leave := context.WithCancel(t.Context())
	e.out.before = func() error { leave(); return kafka.ErrUnavailable } // nor is a client that leaves
	e.send(http.MethodPost, "/xapi/statements", statement("1", ""), func(r *http.Request) { *r = *r.WithContext(ctx) })
	at(4*time.Second, true, "", 3*time.Second)
	e.outage.met("unavailable.broker")
	at(5*time.Second, false, "unavailable.broker", 5*time.Second)
	at(5*time.Second+trusted, true, "", 5*time.Second+trusted)
	e.keys.err = publishers.ErrNotReady
	at(2*trusted, false, "unavailable.starting", 2*trusted)
}
