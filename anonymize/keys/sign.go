package keys

import (
	"fmt"

	"github.com/tink-crypto/tink-go/v2/signature"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/schemas/control"
	"brume/schemas/event/keyring"
)

// ControlSigner returns the operator's signer of control records.
func (s *Store) ControlSigner() (*control.Signer, error) {
	key, err := s.readSigner(s.path(keyring.OperatorDir, controlSignFile))
	if err != nil {
		return nil, err
	}
	return control.NewSigner(key), nil
}

// ControlVerifier returns what checks control records.
func (s *Store) ControlVerifier() (*control.Verifier, error) { return keyring.ControlVerifier(s.dir) }

// LedgerSigner returns the gates' signer of ledger records.
func (s *Store) LedgerSigner() (tink.Signer, error) {
	return s.readSigner(s.path(keyring.GateDir, ledgerSignFile))
}

// LedgerVerifier returns what checks ledger records.
func (s *Store) LedgerVerifier() (tink.Verifier, error) { return keyring.LedgerVerifier(s.dir) }

func (s *Store) readSigner(path string) (tink.Signer, error) {
	handle, err := s.read(path)
	if err != nil {
		return nil, err
	}
	signer, err := signature.NewSigner(handle)
	if err != nil {
		return nil, fmt.Errorf("key file %s: not a signing key", path)
	}
	return signerKey{secret{}, signer}, nil
}
