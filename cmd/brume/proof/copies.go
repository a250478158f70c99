// Package proof shows that the keys of a school year are gone: it tries every
// key that it can find on everything of the year that still rests sealed.
package proof

import (
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/schemas/event/keyring"
)

// found is a key in some file, by what it can do.
type found struct {
	file   string
	aead   tink.AEAD
	hybrid tink.HybridDecrypt
	prf    *keyring.PRF
}

// Unwrap returns the keyset of a file where one rests wrapped, nil for other
// files. It is an error if it cannot tell whether the keyset opens.
type Unwrap func(path string) (*keyset.Handle, error)

// search returns every key in the plain files of the directories, whatever
// their names and modes, wrapped ones too. It looks into no archive.
func search(dirs []string, unwrap Unwrap) ([]found, error) {
	var all []found
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			handle, ok := keyring.FindKeyset(path)
			if !ok {
				if handle, err = unwrap(path); err != nil {
					return err
				}
			}
			if handle != nil {
				all = append(all, usable(path, handle))
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("looking for keys: %w", err)
		}
	}
	return all, nil
}

// usable returns what the keyset is good for.
func usable(file string, handle *keyset.Handle) found {
	f := found{file: file}
	if a, err := aead.New(handle); err == nil {
		f.aead = a
	}
	if h, err := hybrid.NewHybridDecrypt(handle); err == nil {
		f.hybrid = h
	}
	if p, err := keyring.NewPRF(handle); err == nil {
		f.prf = p
	}
	return f
}
