package publishers

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// Grant is what a new key is to be: a secret unless it names a client or a
// certificate.
type Grant struct {
	Client      string // the client id of its tokens
	Certificate string // SHA-256 of the certificate, hexadecimal
	Sandbox     bool
	Limits      Limits
}

// issue makes the key.
func (g *Grant) issue(now time.Time) (i Issued, err error) {
	if g.Client == "" && g.Certificate == "" {
		i.Key, i.Secret = newSecret(now)
	} else {
		i.Key = Key{ID: newID(), Client: g.Client, Certificate: strings.ToLower(g.Certificate), Created: now.UTC()}
	}
	i.Key.Sandbox, i.Key.Limits = g.Sandbox, g.Limits
	return i, i.Key.Validate()
}

// newSecret draws a secret of 256 bits, again if it begins with a hyphen: many
// commands would take it for an option.
func newSecret(now time.Time) (k Key, secret string) {
	random := make([]byte, sha256.Size)
	for secret == "" || secret[0] == '-' {
		_, _ = rand.Read(random) // never fails: see crypto/rand
		secret = base64.RawURLEncoding.EncodeToString(random)
	}
	digest := sha256.Sum256([]byte(secret))
	return Key{ID: newID(), SHA256: hex.EncodeToString(digest[:]), Created: now.UTC()}, secret
}

// newID draws 80 bits.
func newID() string { return "bk-" + strings.ToLower(rand.Text()[:16]) }

// maxKeys bounds the keys of a publisher, and so its record.
const maxKeys = 64

// give adds a key to a publisher that exists.
func (r *Record) give(all state, k Key) error {
	if r.Number == 0 {
		return ErrUnknown
	}
	if len(r.Keys) >= maxKeys {
		return ErrManyKeys
	}
	if k.Kind() != Secret && (all.has(&k) || slices.ContainsFunc(r.Keys, k.same)) {
		return ErrTaken
	}
	r.Keys = append(r.Keys, k)
	return nil
}

// same says whether two keys have the same client or certificate.
func (k *Key) same(other Key) bool {
	return k.Kind() == other.Kind() && k.Client == other.Client && k.Certificate == other.Certificate
}

// has says whether a publisher has the key's client or certificate.
func (g state) has(k *Key) bool {
	for _, r := range g.records {
		if slices.ContainsFunc(r.Keys, k.same) {
			return true
		}
	}
	return false
}

// newest finds the newest secret of the line that a key belongs to, or of the
// only line.
func (r *Record) newest(id string) (found Key, err error) {
	if r.Number == 0 {
		return Key{}, ErrUnknown
	}
	line, some := "", false
	for i := range r.Keys {
		k := &r.Keys[i]
		switch {
		case id == k.ID && k.Kind() != Secret:
			return Key{}, ErrNoSecret
		case k.Kind() != Secret, id != "" && id != k.ID:
		case some && k.Line != line:
			return Key{}, ErrWhichKey
		default:
			line, some = k.Line, true
		}
	}
	if !some {
		return Key{}, ErrNoKey
	}
	for _, k := range r.Keys {
		if k.Kind() == Secret && k.Line == line {
			found = k
		}
	}
	return found, nil
}

// replace adds a secret and ends all but the newest LiveKeys of its line.
func (r *Record) replace(k Key) {
	r.Keys = append(r.Keys, k)
	extra := -LiveKeys
	for _, other := range r.Keys {
		if other.Kind() == Secret && other.Line == k.Line {
			extra++
		}
	}
	r.Keys = slices.DeleteFunc(r.Keys, func(other Key) bool {
		if extra <= 0 || other.Kind() != Secret || other.Line != k.Line {
			return false
		}
		extra--
		return true
	})
}
