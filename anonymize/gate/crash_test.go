package gate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"brume/anonymize/exact"
	"brume/internal/kafka"
	"brume/internal/testenv"
)

var errKilled = errors.New("killed")

// fuse ends a gate's life at one of its calls, before the call's effect or
// after it, as kill -9 would; every later call fails.
type fuse struct {
	at    int // the call that kills, from 1; 0: none
	after bool
	calls int
}

func (f *fuse) blown() bool { return f.at > 0 && f.calls >= f.at }

func (f *fuse) do(effect func() error) error {
	if f.blown() {
		return errKilled
	}
	if f.calls++; !f.blown() {
		return effect()
	}
	if f.after {
		_ = effect()
	}
	return errKilled
}

// mortal is the log and the keys of a gate that has a fuse.
type mortal struct {
	Log
	Keys
	*fuse
}

func (m mortal) Offsets(ctx context.Context, topic string, p int) (first, next int64, err error) {
	err = m.do(func() (err error) { first, next, err = m.Log.Offsets(ctx, topic, p); return err })
	return first, next, err
}

func (m mortal) ReadAll(ctx context.Context, topic string, p int, from int64, fn func(kafka.Record) error) (next int64, err error) {
	err = m.do(func() (err error) { next, err = m.Log.ReadAll(ctx, topic, p, from, fn); return err })
	return next, err
}

func (m mortal) Produce(ctx context.Context, topic string, p int, values ...[]byte) error {
	return m.do(func() error { return m.Log.Produce(ctx, topic, p, values...) })
}

func (m mortal) ReleaseKey(id string) (key exact.AEAD, err error) {
	err = m.do(func() (err error) { key, err = m.Keys.ReleaseKey(id); return err })
	return key, err
}

func (m mortal) StreamKey(year string) (key exact.AEAD, err error) {
	err = m.do(func() (err error) { key, err = m.Keys.StreamKey(year); return err })
	return key, err
}

func (m mortal) DestroyReleaseKey(id string) error {
	return m.do(func() error { return m.Keys.DestroyReleaseKey(id) })
}

// mortal returns a gate that dies at a call.
func (s *site) mortal(at int, after bool) (*Gate, *fuse) {
	m := mortal{s.client, s.gateKeys(), &fuse{at: at, after: after}}
	return s.gate(m, m), m.fuse
}

func (s *site) successor() *Gate { return s.gate(s.client, s.gateKeys()) }

// stride leaves out crash points on real Kafka, where topics are dear: the
// embedded broker takes every one.
func stride(t *testing.T) int {
	if strings.HasSuffix(t.Name(), "/kafka") {
		return 7
	}
	return 1
}

// ★ A gate killed at any call, before or after its effect, leaves a state from
// which a successor reaches one value, paid once.
func TestGateKilledAtEveryCall(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		for _, after := range []bool{false, true} {
			for at := 1; ; at += stride(t) {
				s := newSite(t, cfg, fmt.Sprintf("%v-%d-", after, at), dir, 1)
				s.partials(0)
				g, fuse := s.mortal(at, after)
				err := run(s.ctx(), g)
				if !fuse.blown() {
					s.check(err)
					s.oneValue(0)
					t.Logf("after=%v: %d calls", after, fuse.calls)
					break
				}
				if !errors.Is(err, errKilled) {
					t.Fatalf("killed at call %d, after=%v: got %v, want what killed it", at, after, err)
				}
				if err := run(s.ctx(), s.successor()); err != nil {
					t.Fatalf("successor of a gate killed at call %d, after=%v: %v", at, after, err)
				}
				s.oneValue(0)
				if t.Failed() {
					t.Fatalf("killed at call %d, after=%v", at, after)
				}
				_ = s.client.Close()
			}
		}
	})
}

// Gates that die one after the other, each at a call of its own, reach one
// value of each of two windows. The draws are seeded: a failure comes again.
func TestSuccessorsThatDieToo(t *testing.T) {
	dir := keyDir(t)
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		for seed := uint64(1); seed <= 24; seed += uint64(stride(t)) {
			r := rand.New(rand.NewPCG(seed, 0))
			s := newSite(t, cfg, fmt.Sprintf("%d-", seed), dir, 1)
			s.partials(0)
			s.partials(1)
			deaths := 0
			for r.IntN(12) > 0 {
				g, fuse := s.mortal(1+r.IntN(40), r.IntN(2) == 0)
				if err := run(s.ctx(), g); fuse.blown() {
					deaths++
				} else {
					s.check(err)
				}
				if r.IntN(3) == 0 {
					s.repeat(r.IntN(partitions)) // its cohort died as well
				}
			}
			s.check(run(s.ctx(), s.successor()))
			s.oneValue(0)
			s.oneValue(1)
			if t.Failed() {
				t.Fatalf("seed %d, %d deaths", seed, deaths)
			}
			_ = s.client.Close()
		}
	})
}

// repeat sends a partition's partials again, unless their release is done.
func (s *site) repeat(p int) {
	s.t.Helper()
	for index := range 2 {
		_, id := s.window(index)
		if _, err := s.store.ReleaseKey(id); err == nil {
			s.partial(index, p, 0)
		}
	}
}
