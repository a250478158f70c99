package event_test

import (
	"sync"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/schemas/event"
	"brume/schemas/registry"
)

// noon is the instant at which most tests begin.
var noon = time.Date(2026, 9, 14, 12, 0, 0, 0, time.UTC)

// ring holds the key pairs of some hours in memory, both halves.
type ring struct {
	mu      sync.Mutex
	public  map[int32]event.PublicKey
	private map[int32]tink.HybridDecrypt
}

func newRing(t testing.TB, from time.Time, hours int) *ring {
	t.Helper()
	r := &ring{public: map[int32]event.PublicKey{}, private: map[int32]tink.HybridDecrypt{}}
	for i := range hours {
		r.add(t, event.Hour(from)+int32(i))
	}
	return r
}

func (r *ring) add(t testing.TB, hour int32) {
	t.Helper()
	handle, err := keyset.NewHandle(hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Raw_Key_Template())
	if err != nil {
		t.Fatal(err)
	}
	public, err := handle.Public()
	if err != nil {
		t.Fatal(err)
	}
	wrap, err := hybrid.NewHybridEncrypt(public)
	if err != nil {
		t.Fatal(err)
	}
	if r.private[hour], err = hybrid.NewHybridDecrypt(handle); err != nil {
		t.Fatal(err)
	}
	r.public[hour] = event.PublicKey{Hour: hour, NotAfter: event.HourStart(hour + 1), Wrap: wrap}
}

// Current returns the latest key that began, expired or not: the sealer must
// look at the not-after itself.
func (r *ring) Current(now time.Time) (event.PublicKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for hour := event.Hour(now); hour > event.Hour(now)-48; hour-- {
		if k, ok := r.public[hour]; ok {
			return k, nil
		}
	}
	return event.PublicKey{}, event.ErrNoKey
}

func (r *ring) Private(hour int32) (tink.HybridDecrypt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k, ok := r.private[hour]; ok {
		return k, nil
	}
	return nil, event.ErrKeyGone
}

func (r *ring) destroy(hour int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.private, hour)
}

// clock is a time that tests move.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

const canary = "account:https://ent.aix.example|canary-4711"

func sample() *event.Event {
	return &event.Event{
		Actor: event.NewActor(canary), Scope: "https://ent.aix.example",
		Publisher: 7, School: registry.UAI(130001), Level: 3, Subject: 2, Tool: 4,
		Kind: event.Answered, Outcome: event.Success, Score: 750, Duration: event.NoDuration,
		Hour: event.Hour(noon), Received: noon.Unix(), Fingerprint: 0x0123456789abcdef,
	}
}
