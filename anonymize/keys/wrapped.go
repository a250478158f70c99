package keys

import (
	"bytes"
	"crypto/sha256"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/schemas/event/keyring"
)

// wrapped is a key file whose keyset is encrypted under a KEK. The name is
// bound to the keyset: a file under another name MUST NOT open.
type wrapped struct {
	By     string         `json:"wrapped_by"` // name of the KEK
	Name   string         `json:"name"`       // of the file, when it was made
	Keyset jsontext.Value `json:"keyset"`     // Tink's encrypted form
}

func parseWrapped(data []byte) (w wrapped, ok bool) {
	err := json.Unmarshal(data, &w, json.RejectUnknownMembers(true))
	return w, err == nil && w.By != "" && len(w.Keyset) > 0
}

func (w wrapped) context() []byte { return []byte("brume keyset v1\x00" + w.Name) }

// safe holds what was unwrapped, by file.
type safe struct {
	mu     sync.Mutex
	opened map[string]opened
}

type opened struct {
	file   [sha256.Size]byte // of the whole file
	handle *keyset.Handle
}

// unwrap opens a wrapped file, once.
func (s *Store) unwrap(path string, data []byte, w wrapped) (*keyset.Handle, error) {
	sum := sha256.Sum256(data)
	s.safe.mu.Lock()
	known, ok := s.safe.opened[path]
	s.safe.mu.Unlock()
	if ok && known.file == sum {
		return known.handle, nil
	}
	if w.Name != filepath.Base(path) {
		return nil, fmt.Errorf("key file %s: it was made as %q", path, w.Name)
	}
	handle, err := w.open(s.kek)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	s.safe.mu.Lock()
	defer s.safe.mu.Unlock()
	s.safe.opened[path] = opened{sum, handle}
	return handle, nil
}

// open decrypts the keyset, if the KEK is the one that wrapped it.
func (w wrapped) open(kek *KEK) (*keyset.Handle, error) {
	if kek == nil || kek.Name != w.By {
		return nil, fmt.Errorf("%w: %s", ErrWrapped, w.By)
	}
	heard := &hearing{AEAD: kek}
	handle, err := keyset.ReadWithAssociatedData(keyset.NewJSONReader(bytes.NewReader(w.Keyset)), heard, w.context())
	if heard.err != nil {
		return nil, fmt.Errorf("unwrapping by %s: %w", w.By, heard.err)
	}
	if err != nil {
		return nil, errors.New("not a wrapped keyset") // the cause may quote it
	}
	return handle, nil
}

// wrapNew draws a key and writes it wrapped, unless the file exists.
func (s *Store) wrapNew(path string, template *tinkpb.KeyTemplate) error {
	handle, err := keyset.NewHandle(template)
	if err != nil {
		return fmt.Errorf("drawing a key for %s: %w", path, err)
	}
	data, err := wrap(s.kek, filepath.Base(path), handle)
	if err != nil {
		return fmt.Errorf("key file %s: %w", path, err)
	}
	if err := keyring.CreateFile(path, data); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return keyring.SyncDir(filepath.Dir(path))
}

// wrap returns the content of a wrapped key file.
func wrap(kek *KEK, name string, handle *keyset.Handle) ([]byte, error) {
	w := wrapped{By: kek.Name, Name: name}
	heard, b := &hearing{AEAD: kek}, &bytes.Buffer{}
	err := handle.WriteWithAssociatedData(keyset.NewJSONWriter(b), heard, w.context())
	if err = errors.Join(heard.err, err); err != nil {
		return nil, fmt.Errorf("wrapping by %s: %w", w.By, err)
	}
	w.Keyset = b.Bytes()
	return json.Marshal(w)
}

// hearing keeps the error of an AEAD, which Tink turns into text.
type hearing struct {
	tink.AEAD
	err error
}

func (h *hearing) Encrypt(plaintext, context []byte) (out []byte, err error) {
	out, h.err = h.AEAD.Encrypt(plaintext, context)
	return out, h.err
}

func (h *hearing) Decrypt(ciphertext, context []byte) (out []byte, err error) {
	out, h.err = h.AEAD.Decrypt(ciphertext, context)
	return out, h.err
}

// forgetGone drops what was unwrapped from files that are not there any more.
func (s *Store) forgetGone() {
	s.safe.mu.Lock()
	defer s.safe.mu.Unlock()
	for path := range s.safe.opened {
		if there, err := exists(path); !there && err == nil {
			delete(s.safe.opened, path)
		}
	}
}

func isAbsent(err error) bool { return errors.Is(err, fs.ErrNotExist) }
