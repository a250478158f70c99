package publishers

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// live is what the registry says at one moment, by what requests come with.
// It does not change.
type live struct {
	secrets      map[string]entry // by key id
	clients      map[string]entry // by client id
	certificates map[digest]entry // by fingerprint
}

type digest [sha256.Size]byte

// entry is a live key.
type entry struct {
	publisher Publisher
	secret    digest
	err       error // why the key cannot be used for now: nobody is let in, and told so
}

// The reasons why a live key cannot be used.
var (
	errNewer  = errors.New("a newer version wrote the key: this one does not know all of its limits")
	errShared = errors.New("two keys have the same client or certificate")
	errRecord = errors.New("the publisher's last record cannot be read")
)

// publish makes the registry's state effective.
func (s *Store) publish(all state) {
	l := &live{secrets: map[string]entry{}, clients: map[string]entry{}, certificates: map[digest]entry{}}
	shipped, kept := s.mappings.next(), limiters{}
	for _, r := range all.records {
		m, err := shipped.of(&r)
		if err != nil {
			s.deps.Log.Error("publisher has a mapping that this instance cannot use", "publisher", r.Name, "err", err)
		}
		for i := range r.Keys {
			k := &r.Keys[i]
			e := entry{publisher: Publisher{Name: r.Name, Number: r.Number, Mapping: m, Key: k.ID, Line: k.line(), Sandbox: k.Sandbox,
				Limits: k.Limits.Resolve(s.deps.Registry), Rate: kept.of(s.limiters, k, s.deps.Now())}}
			switch {
			case all.damaged[r.Name]:
				e.err = errRecord
			case len(r.Unknown) > 0 || k.Newer():
				e.err = errNewer
			}
			if err := l.add(k, e); err != nil {
				s.deps.Log.Error("publisher key cannot be used", "publisher", r.Name, "key_id", k.ID, "err", err)
			}
		}
	}
	s.mappings, s.limiters = shipped, kept
	s.live.Store(l)
}

// add enters a key. Of two with the same client or certificate none is live:
// either could be the wrong one.
func (l *live) add(k *Key, e entry) error {
	if err := k.validateProof(); err != nil {
		return err
	}
	if err := k.Limits.Validate(); err != nil {
		e.err = err
	}
	switch k.Kind() {
	case Secret:
		e.secret = parseDigest(k.SHA256)
		l.secrets[k.ID] = e
	case Client:
		return enter(l.clients, k.Client, e)
	case Certificate:
		return enter(l.certificates, parseDigest(k.Certificate), e)
	}
	return e.err
}

func enter[K comparable](m map[K]entry, key K, e entry) error {
	if _, taken := m[key]; taken {
		e.err = errShared
	}
	m[key] = e
	return e.err
}

// parseDigest reads a digest that was validated.
func parseDigest(s string) (d digest) {
	_, _ = hex.Decode(d[:], []byte(s))
	return d
}
