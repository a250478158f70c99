package keys

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/schemas/event/keyring"
)

var (
	// ErrKEK marks a key-encryption key that is out of reach for now: who
	// keeps it is away or refuses us. What is in memory goes on working.
	ErrKEK = errors.New("key-encryption key out of reach")
	// ErrWrapped marks a keyset that cannot be read without the key-encryption
	// key that it is wrapped under.
	ErrWrapped = errors.New("wrapped under a key-encryption key that is not configured")
	// ErrClear marks a keyset that rests in the clear where it must not.
	ErrClear = errors.New("rests in the clear, but a key-encryption key is configured")
)

// KEK is a key-encryption key that never leaves its keeper. Its errors MUST be
// ErrKEK when trying again may help.
type KEK struct {
	tink.AEAD
	Name string // written into each file that it wraps; no secret
}

// guarded says whether the keysets of the file's folder rest wrapped, if there
// is a key-encryption key: those of anonymize and gate, and those of releases.
func (s *Store) guarded(path string) bool {
	switch filepath.Dir(path) {
	case filepath.Join(s.dir, keyring.AnonymizeDir), filepath.Join(s.dir, keyring.GateDir), filepath.Clean(s.releases):
		return true
	}
	return false
}

// read returns the keyset of a file. One that rests wrapped is unwrapped once:
// later reads only look whether the file is still there and the same.
func (s *Store) read(path string) (*keyset.Handle, error) {
	if !s.guarded(path) {
		return keyring.ReadKeyset(path)
	}
	data, err := keyring.ReadFile(path)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	w, ok := parseWrapped(data)
	switch {
	case ok:
		return s.unwrap(path, data, w)
	case s.kek == nil:
		return keyring.ReadKeyset(path)
	}
	return nil, clearFault(path)
}

// create draws a key of the template unless the file exists, and returns what
// the file then holds. A wrapped one is unwrapped again before anything is
// sealed to it: nobody may rely on a key that could not come back.
func (s *Store) create(path string, template *tinkpb.KeyTemplate) (*keyset.Handle, error) {
	if handle, err := s.read(path); !isAbsent(err) {
		return handle, err
	}
	if !s.guarded(path) {
		return keyring.CreateKeyset(path, template)
	}
	if s.kek == nil {
		if by, err := wrappedBy(s.path(keyring.AnonymizeDir, gateWrapFile)); by != "" {
			return nil, fmt.Errorf("key file %s is not made: the others are %w: %s", path, ErrWrapped, by)
		} else if err != nil && !isAbsent(err) {
			return nil, err
		}
		return keyring.CreateKeyset(path, template)
	}
	if err := s.wrapNew(path, template); err != nil {
		return nil, err
	}
	return s.read(path)
}
