// Package pseudonym replaces a canonical actor by a keyed digest that holds
// for one school year: whoever lacks the year's key can neither guess a pupil
// from a pseudonym nor link two years, and nobody can once it is destroyed.
package pseudonym

import (
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/keyset"

	"brume/schemas/event/keyring"
)

// Pseudonym stands for one pupil in one identity scope and school year. It
// neither prints nor marshals. Package fmt ignores the methods of unexported
// fields: never keep one in a field that may be printed.
type Pseudonym [16]byte

const hidden = "[pseudonym]"

// Format hides the pseudonym from every verb of package fmt.
func (p Pseudonym) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// String hides the pseudonym from logs and errors.
func (p Pseudonym) String() string { return hidden }

// GoString hides the pseudonym from %#v.
func (p Pseudonym) GoString() string { return hidden }

// MarshalText hides the pseudonym from encoders, map keys included.
func (p Pseudonym) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON hides the pseudonym from encoders.
func (p Pseudonym) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// Key is a school year's pseudonym key. It is safe for concurrent use.
type Key struct{ prf *keyring.PRF }

// New returns the key of a Tink keyset of HMAC-SHA256 PRF.
func New(handle *keyset.Handle) (*Key, error) {
	prf, err := keyring.NewPRF(handle)
	if err != nil {
		return nil, fmt.Errorf("pseudonym key: %w", err)
	}
	return FromPRF(prf), nil
}

// FromPRF returns the key that a PRF holds.
func FromPRF(prf *keyring.PRF) *Key { return &Key{prf} }

// Of returns the pseudonym of a canonical actor in an identity scope: the
// first 16 bytes of PRF(length of scope ‖ scope ‖ actor).
func (k *Key) Of(scope, actor string) Pseudonym {
	sum := k.prf.Sum(keyring.DomainValue, scope, actor)
	return Pseudonym(sum[:16])
}

// Token returns what a control record names instead of the pseudonym: the log
// holds control records in clear, and no pseudonym may stand there.
func (k *Key) Token(p Pseudonym) [16]byte {
	sum := k.prf.Sum(keyring.DomainToken, "", string(p[:]))
	return [16]byte(sum[:16])
}

// ID names the key in public, for the ledger's YEAR record.
func (k *Key) ID() [32]byte { return k.prf.ID() }

// Format hides the key from package fmt.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[pseudonym key]") }

// MarshalJSON hides the key from encoders.
func (k *Key) MarshalJSON() ([]byte, error) { return []byte(`"[pseudonym key]"`), nil }
