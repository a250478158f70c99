package publishers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"brume/schemas/registry"
)

// Key is one of a publisher's live keys: a secret, an OAuth2 client or a
// certificate.
type Key struct {
	ID          string         `json:"id"`
	SHA256      string         `json:"sha256,omitzero"`      // of the secret, hexadecimal
	Client      string         `json:"client,omitzero"`      // the client id that a token carries
	Certificate string         `json:"certificate,omitzero"` // SHA-256 of the client's certificate, hexadecimal
	Line        string         `json:"line,omitzero"`        // the secrets that replace each other
	Created     time.Time      `json:"created"`
	Sandbox     bool           `json:"sandbox,omitzero"` // what it sends is checked and counted, never folded
	Limits      Limits         `json:"limits,omitzero"`
	Unknown     jsontext.Value `json:",embed"` // written by a newer version
}

// Kind is how a key proves itself.
type Kind string

// The kinds. A key of a newer version may be of no kind that is known.
const (
	Secret      Kind = "secret"
	Client      Kind = "client"
	Certificate Kind = "certificate"
	NoKind      Kind = "unknown"
)

// Kind says what the key is.
func (k *Key) Kind() Kind {
	switch {
	case k.SHA256 != "" && k.Client == "" && k.Certificate == "":
		return Secret
	case k.Client != "" && k.SHA256 == "" && k.Certificate == "":
		return Client
	case k.Certificate != "" && k.SHA256 == "" && k.Client == "":
		return Certificate
	}
	return NoKind
}

// line is what a key shares with those that it replaces and that replace it:
// clients and certificates are replaced by none.
func (k *Key) line() string {
	if k.Kind() == Secret {
		return k.Line
	}
	return k.ID
}

// Newer says whether a newer version bound the key in a way that this one does
// not know.
func (k *Key) Newer() bool { return len(k.Unknown) > 0 || len(k.Limits.Unknown) > 0 }

// Validate reports every fault of a key.
func (k *Key) Validate() error { return errors.Join(k.validateProof(), k.Limits.Validate()) }

// validateProof checks what the key is known by.
func (k *Key) validateProof() error {
	switch k.Kind() {
	case Secret:
		return validateDigest(k.SHA256)
	case Client:
		if len(k.Client) > maxClient || strings.ContainsFunc(k.Client, hidden) {
			return fmt.Errorf("client: want 1 to %d visible ASCII characters", maxClient)
		}
		return nil
	case Certificate:
		return validateDigest(k.Certificate)
	}
	return errors.New("want a secret, a client or a certificate")
}

const maxClient = 255

func hidden(c rune) bool { return c <= ' ' || c >= 0x7f }

func validateDigest(s string) error {
	if b, err := hex.DecodeString(s); err != nil || len(b) != sha256.Size {
		return errors.New("want a SHA-256 in hexadecimal digits")
	}
	return nil
}

// maxListed bounds each list of a key's limits, so that a record stays small.
const maxListed = 1000

// Validate reports every fault of the limits.
func (l *Limits) Validate() error {
	var errs []error
	switch {
	case l.Rate < 0, l.Burst < 0:
		errs = append(errs, errors.New("rate, burst: want no less than 0"))
	case l.Burst > 0 && l.Rate == 0:
		errs = append(errs, errors.New("burst: goes with a rate"))
	}
	if max(len(l.Schools), len(l.Tools), len(l.Prefixes)) > maxListed {
		errs = append(errs, fmt.Errorf("want at most %d schools, tools and prefixes each", maxListed))
	}
	for _, s := range l.Schools {
		if _, err := registry.ParseUAI(s); err != nil {
			errs = append(errs, fmt.Errorf("school: %w", err))
		}
	}
	for _, code := range l.Tools {
		if code == "" || code == registry.Other {
			errs = append(errs, fmt.Errorf("tool: %q is no tool", code))
		}
	}
	for _, p := range l.Prefixes {
		errs = append(errs, validatePrefix(p))
	}
	return errors.Join(errs...)
}

// validatePrefix refuses a prefix that ends within a host's name: it would let
// pass the activities of every host whose name goes on in another way.
func validatePrefix(p string) error {
	u, err := url.Parse(p)
	switch {
	case err != nil || u.Scheme == "" || len(p) > 2000:
		return fmt.Errorf("prefix %q: want the beginning of an IRI", p)
	case u.Host != "" && u.Path == "" && u.RawQuery == "" && u.Fragment == "", u.Host == "" && u.Opaque == "" && u.Path == "":
		return fmt.Errorf("prefix %q: want at least a / after the host", p)
	}
	return nil
}

// Check reports schools and tools that the registry does not know.
func (l *Limits) Check(reg *registry.Registry) error {
	var errs []error
	for _, s := range l.Schools {
		if uai, err := registry.ParseUAI(s); err == nil {
			if _, known := reg.School(uai); !known {
				errs = append(errs, fmt.Errorf("school %s is not in the registry", s))
			}
		}
	}
	resolved := l.Resolve(reg)
	if len(resolved.tools) < len(l.Tools) {
		errs = append(errs, fmt.Errorf("tools: only %d of %d are in the registry", len(resolved.tools), len(l.Tools)))
	}
	return errors.Join(errs...)
}
