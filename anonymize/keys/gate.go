package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/schemas/event/keyring"
)

// Gate is what all gates share.
type Gate struct {
	secret
	store *Store
	wrap  tink.AEAD
}

// Gate returns the keys that all gates share.
func (s *Store) Gate() (*Gate, error) {
	wrap, err := s.readAEAD(s.path(keyring.AnonymizeDir, gateWrapFile))
	if err != nil {
		return nil, err
	}
	return &Gate{store: s, wrap: wrap}, nil
}

// InputsMAC returns the HMAC of a year's exact sums. The ledger keeps the
// digests for ever, and whoever has the key can confirm a guess of the sums by
// them: the key is the year's pseudonym key, which dies with the year.
func (g *Gate) InputsMAC(year string) (mac func(data []byte) [32]byte, err error) {
	prf, err := yearKey(g.store, year, pseudonymFile, g.store.readPRF)
	if err != nil {
		return nil, err
	}
	return func(data []byte) [32]byte { return prf.Sum(keyring.DomainSums, "", string(data)) }, nil
}

// AEAD returns the key by which gates wrap keys to each other.
func (g *Gate) AEAD() tink.AEAD { return g.wrap }

// ReleaseKey is Store.ReleaseKey.
func (g *Gate) ReleaseKey(release string) (tink.AEAD, error) { return g.store.ReleaseKey(release) }

// DestroyReleaseKey is Store.DestroyReleaseKey.
func (g *Gate) DestroyReleaseKey(release string) error { return g.store.DestroyReleaseKey(release) }

// StreamKey returns the key that seals the noise of a year's streams. It dies
// with the year's other keys.
func (g *Gate) StreamKey(year string) (tink.AEAD, error) {
	return yearKey(g.store, year, streamFile, g.store.readAEAD)
}

var releaseForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

func (s *Store) releaseFiles(release string) (key, tombstone string, err error) {
	if !releaseForm.MatchString(release) {
		return "", "", fmt.Errorf("release %q: not a file name", release)
	}
	base := filepath.Join(s.releases, "release-"+release)
	return base + ".json", base + ".destroyed", nil
}

// ReleaseKey returns the key of a release's partials and drafts. The first to
// ask draws it, and every process over this directory gets the same. After
// DestroyReleaseKey it returns ErrDestroyed, for ever.
func (s *Store) ReleaseKey(release string) (tink.AEAD, error) {
	key, tombstone, err := s.releaseFiles(release)
	if err != nil {
		return nil, err
	}
	dead := func() error {
		destroyed, err := exists(tombstone)
		if destroyed {
			err = fmt.Errorf("key of release %s: %w", release, ErrDestroyed)
		}
		return err
	}
	if err := dead(); err != nil {
		return nil, err
	}
	_, failure := s.create(key, aead.AES256GCMKeyTemplate())
	// Whoever destroys raises the tombstone first. Without one after the key
	// stands, no destroyer can have missed it.
	if err := dead(); err != nil {
		return nil, errors.Join(err, keyring.DestroyFile(key))
	}
	if failure != nil {
		return nil, failure
	}
	read, failure := s.readAEAD(key)
	if err := dead(); err != nil {
		return nil, err
	}
	return read, failure
}

// DestroyReleaseKey overwrites and unlinks a release's key. When it returns
// nil the key MUST NOT be recoverable from this directory nor drawn anew: a
// tombstone stands first, durably. Repeats do nothing.
func (s *Store) DestroyReleaseKey(release string) error {
	key, tombstone, err := s.releaseFiles(release)
	if err != nil {
		return err
	}
	defer s.forgetGone()
	return bury(tombstone, key)
}

// ReleaseDestroyed says whether a release's key was destroyed. Unlike ReleaseKey
// it draws none.
func (s *Store) ReleaseDestroyed(release string) (bool, error) {
	_, tombstone, err := s.releaseFiles(release)
	if err != nil {
		return false, err
	}
	return exists(tombstone)
}

// DestroyYear overwrites and unlinks the pseudonym, cohort and stream keys of a
// school year, and those of its releases that are left: nobody can compute its
// pseudonyms, open its snapshots or know the noise of its streams any more. Init
// will not bring them back. Repeats do nothing.
func (s *Store) DestroyYear(year string) error {
	if err := checkYear(year); err != nil {
		return err
	}
	if err := s.destroyReleases(year); err != nil {
		return err
	}
	defer s.forgetGone()
	path := func(file string) string { return s.path(keyring.AnonymizeDir, file) }
	return bury(path(yearTombstone(year)), path(pseudonymFile(year)), path(cohortFile(year)), path(streamFile(year)))
}

// bury raises a tombstone and destroys the files under it.
func bury(tombstone string, files ...string) error {
	if err := keyring.CreateFile(tombstone, nil); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := keyring.SyncDir(filepath.Dir(tombstone)); err != nil {
		return err
	}
	for _, f := range files {
		if err := keyring.DestroyFile(f); err != nil {
			return err
		}
	}
	return nil
}
