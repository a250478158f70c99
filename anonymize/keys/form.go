package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tink-crypto/tink-go/v2/keyset"

	"brume/schemas/event/keyring"
)

// checkForms refuses a folder where a keyset rests in the clear although a KEK
// is configured. The other way round shows when a key is read.
func (s *Store) checkForms(dir string) error {
	if s.kek == nil {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("key directory: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !strings.HasSuffix(path, ".json") {
			continue
		}
		if _, err := keyring.ReadKeyset(path); err == nil {
			return clearFault(path)
		}
	}
	return nil
}

// clearFault says what is wrong with a file that is not wrapped.
func clearFault(path string) error {
	if _, err := keyring.ReadKeyset(path); err != nil {
		return err
	}
	return fmt.Errorf("key file %s: %w", path, ErrClear)
}

// wrappedBy names the KEK of a file, "" when its keyset rests in the clear.
func wrappedBy(path string) (string, error) {
	data, err := keyring.ReadFile(path)
	if err != nil {
		return "", err
	}
	defer clear(data)
	w, _ := parseWrapped(data)
	return w.By, nil
}

// maxWrapped bounds what may be a wrapped keyset, in bytes.
const maxWrapped = 1 << 20

// FindWrapped reads a wrapped keyset from a file of any name and mode, for
// those who look for copies of keys that must not be. It returns nil for what
// is none, and for one that the KEK opens no more. That the KEK cannot be
// asked is an error: such a copy may open tomorrow.
func (s *Store) FindWrapped(path string) (*keyset.Handle, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxWrapped {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil
	}
	w, ok := parseWrapped(data)
	if !ok {
		return nil, nil
	}
	handle, err := w.open(s.kek)
	if errors.Is(err, ErrKEK) || errors.Is(err, ErrWrapped) {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return handle, nil
}
