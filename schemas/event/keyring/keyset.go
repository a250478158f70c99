package keyring

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
)

// The package insecurecleartextkeyset is used in this file only: a key at rest
// is protected by the mode of its file.

// ReadKeyset reads a secret keyset.
func ReadKeyset(path string) (*keyset.Handle, error) {
	data, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(data)))
	if err != nil {
		return nil, fmt.Errorf("key file %s: not a keyset", path) // the cause may quote it
	}
	return handle, nil
}

// FindKeyset reads a keyset from a file of any mode, for those who look for
// copies of keys that must not be. It returns false for what is none.
func FindKeyset(path string) (*keyset.Handle, bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxKeyset {
		return nil, false
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	defer clear(data)
	for _, reader := range []keyset.Reader{keyset.NewJSONReader(bytes.NewReader(data)), keyset.NewBinaryReader(bytes.NewReader(data))} {
		if handle, err := insecurecleartextkeyset.Read(reader); err == nil {
			return handle, true
		}
	}
	return nil, false
}

// maxKeyset bounds what may be a keyset, in bytes.
const maxKeyset = 1 << 20

// CreateKeyset draws a key of the template unless the file exists, and returns
// the keyset that the file then holds: concurrent creators agree.
func CreateKeyset(path string, template *tinkpb.KeyTemplate) (*keyset.Handle, error) {
	if handle, err := ReadKeyset(path); !errors.Is(err, fs.ErrNotExist) {
		return handle, err
	}
	handle, err := keyset.NewHandle(template)
	if err != nil {
		return nil, fmt.Errorf("drawing a key for %s: %w", path, err)
	}
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&b)); err != nil {
		return nil, fmt.Errorf("encoding the key of %s: %w", path, err)
	}
	defer clear(b.Bytes())
	if err := CreateFile(path, b.Bytes()); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := SyncDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return ReadKeyset(path)
}

// ReadPublic reads a keyset that holds public keys only.
func ReadPublic(path string) (*keyset.Handle, error) {
	data, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	handle, err := keyset.ReadWithNoSecrets(keyset.NewJSONReader(bytes.NewReader(data)))
	if err != nil {
		return nil, fmt.Errorf("key file %s: not a public keyset", path)
	}
	return handle, nil
}

// CreatePublic writes the public half of a keyset unless the file exists.
func CreatePublic(path string, private *keyset.Handle) error {
	public, err := private.Public()
	if err != nil {
		return fmt.Errorf("public half for %s: %w", path, err)
	}
	var b bytes.Buffer
	if err := public.WriteWithNoSecrets(keyset.NewJSONWriter(&b)); err != nil {
		return fmt.Errorf("encoding the public key of %s: %w", path, err)
	}
	if err := CreateFile(path, b.Bytes()); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return SyncDir(filepath.Dir(path))
}
