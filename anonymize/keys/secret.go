package keys

import (
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/schemas/event/keyring"
)

// secret, embedded beside a primitive, hides it from printers and encoders.
type secret struct{}

// Format hides the key from package fmt.
func (secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[key]") }

// MarshalJSON hides the key from encoders.
func (secret) MarshalJSON() ([]byte, error) { return []byte(`"[key]"`), nil }

type (
	aeadKey struct {
		secret
		tink.AEAD
	}
	signerKey struct {
		secret
		tink.Signer
	}
	openerKey struct {
		secret
		tink.HybridDecrypt
	}
)

func (s *Store) readAEAD(path string) (tink.AEAD, error) {
	handle, err := s.read(path)
	if err != nil {
		return nil, err
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("key file %s: not an AEAD key", path)
	}
	return aeadKey{secret{}, primitive}, nil
}

func (s *Store) readPRF(path string) (*keyring.PRF, error) {
	handle, err := s.read(path)
	if err != nil {
		return nil, err
	}
	p, err := keyring.NewPRF(handle)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return p, nil
}
