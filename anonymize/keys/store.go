package keys

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/anonymize/pseudonym"
	"brume/schemas/event/keyring"
)

// ErrDestroyed marks a key that was destroyed and will never exist again.
var ErrDestroyed = errors.New("key destroyed")

// Store is an open key directory, or the parts of it that this host holds.
// Keys are read when they are asked for. It is safe for concurrent use, also
// by several processes over one directory.
type Store struct {
	dir      string
	releases string           // where the keys of releases lie
	now      func() time.Time // only to look for destroyed sealing keys now and then

	kek  *KEK // private keysets rest wrapped under it; nil: in the clear
	safe safe

	mu      sync.RWMutex
	sealing map[int32]private
}

// Open checks the modes of everything in the key directory, finishes what a
// crash left undone and returns the store.
func Open(dir string) (*Store, error) { return OpenUnder(dir, nil) }

// OpenUnder is Open where the private keysets rest wrapped under a KEK; without
// one they rest in the clear.
func OpenUnder(dir string, kek *KEK) (*Store, error) {
	if err := keyring.CheckDir(dir); err != nil {
		return nil, err
	}
	s := &Store{
		dir: filepath.Clean(dir), releases: filepath.Join(dir, keyring.GateDir), now: time.Now,
		kek: kek, safe: safe{opened: map[string]opened{}}, sealing: map[int32]private{},
	}
	for _, part := range parts {
		files, err := s.files(part)
		if err != nil {
			return nil, err
		}
		if err := s.sweep(part, files); err != nil {
			return nil, err
		}
	}
	for _, part := range []string{keyring.AnonymizeDir, keyring.GateDir} {
		if err := s.checkForms(s.path(part, "")); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// ReleasesIn makes the store keep the keys of releases in another directory.
// They belong to one ledger; the other keys may serve several, one after the
// other, and a key that one ledger destroyed must not stop the next.
func (s *Store) ReleasesIn(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return fmt.Errorf("making the directory of release keys: %w", err)
	}
	if err := keyring.MakeDir(dir); err != nil {
		return err
	}
	s.releases = dir
	return s.checkForms(dir)
}

// files returns the names of the key files in a part of the directory, none
// if this host does not have the part.
func (s *Store) files(part string) ([]string, error) {
	dir := s.path(part, "")
	if there, err := exists(dir); !there {
		return nil, err
	}
	if err := keyring.CheckDir(dir); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("key directory: %w", err)
	}
	var names []string
	for _, e := range entries {
		err := keyring.CheckFile(filepath.Join(dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // another process has just destroyed or renamed it
		}
		if err != nil {
			return nil, err
		}
		names = append(names, e.Name())
	}
	return names, nil
}

func (s *Store) path(part, file string) string { return filepath.Join(s.dir, part, file) }

var yearForm = regexp.MustCompile(`^(\d{4})-(\d{4})$`)

func checkYear(year string) error {
	m := yearForm.FindStringSubmatch(year)
	if m == nil {
		return fmt.Errorf("school year %q: want the form 2026-2027", year)
	}
	first, _ := strconv.Atoi(m[1])
	if second, _ := strconv.Atoi(m[2]); second != first+1 {
		return fmt.Errorf("school year %q: want two years in a row", year)
	}
	return nil
}

// yearKey reads a key of a school year, or says that the year was destroyed.
func yearKey[K any](s *Store, year string, file func(string) string, read func(path string) (K, error)) (key K, err error) {
	if err := checkYear(year); err != nil {
		return key, err
	}
	if destroyed, err := exists(s.path(keyring.AnonymizeDir, yearTombstone(year))); err != nil {
		return key, err
	} else if destroyed {
		return key, fmt.Errorf("keys of %s: %w", year, ErrDestroyed)
	}
	return read(s.path(keyring.AnonymizeDir, file(year)))
}

// Pseudonym returns the pseudonym key of a school year.
func (s *Store) Pseudonym(year string) (*pseudonym.Key, error) {
	prf, err := yearKey(s, year, pseudonymFile, s.readPRF)
	if err != nil {
		return nil, err
	}
	return pseudonym.FromPRF(prf), nil
}

// Cohort returns the key of a school year's snapshots.
func (s *Store) Cohort(year string) (tink.AEAD, error) {
	return yearKey(s, year, cohortFile, s.readAEAD)
}

// RoutingID names the routing key in public, for the YEAR record.
func (s *Store) RoutingID() ([32]byte, error) { return keyring.ReadRoutingID(s.dir) }

// PseudonymID names the pseudonym key of a year in public, for the YEAR record.
func (s *Store) PseudonymID(year string) ([32]byte, error) {
	key, err := s.Pseudonym(year)
	if err != nil {
		return [32]byte{}, err
	}
	return key.ID(), nil
}

// Format hides the store from package fmt.
func (s *Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[keys]") }
