package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/schemas/event"
	"brume/schemas/event/keyring"
)

// sealingAhead is how far ahead sealing keys exist: ingest survives the
// absence of whoever maintains them for that long.
const sealingAhead = 48

// lookAgain is how long the store relies on a private key being there.
const lookAgain = time.Minute

// private is a loaded private key, last seen on disk at a time.
type private struct {
	key  tink.HybridDecrypt
	seen time.Time
}

// MaintainSealing makes the key pairs of this hour and of the next 48 that are
// missing, withdraws public halves whose hour is over, and destroys private
// halves 72 h after the end of their hour. Every process that opens records
// calls it at start and hourly, so that it forgets dead keys too. A public half appears only after its private half
// is durable, and goes before it.
func (s *Store) MaintainSealing(now time.Time) error {
	if err := s.retireSealing(now); err != nil {
		return fmt.Errorf("maintaining sealing keys: %w", err)
	}
	if err := errors.Join(s.growSealing(now), s.unwrapSealing()); err != nil {
		return fmt.Errorf("maintaining sealing keys: %w", err)
	}
	return nil
}

func (s *Store) growSealing(now time.Time) error {
	authority, err := s.readSigner(s.path(keyring.AnonymizeDir, certificateSignFile))
	if err != nil {
		return err
	}
	template := hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Raw_Key_Template()
	for hour := event.Hour(now); hour <= event.Hour(now)+sealingAhead; hour++ {
		secret, public := s.path(keyring.AnonymizeDir, keyring.SealingFile(hour)), s.path(keyring.PublicDir, keyring.SealingFile(hour))
		kept, err := exists(secret)
		if err != nil {
			return err
		}
		certified, err := exists(public)
		switch {
		case err != nil:
			return err
		case kept && certified:
			continue
		case certified: // nobody could open what is sealed to it
			if err := os.Remove(public); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		handle, err := s.create(secret, template)
		if err != nil {
			return err
		}
		if err := keyring.Certify(s.path(keyring.PublicDir, ""), hour, handle, authority); err != nil {
			return err
		}
	}
	return keyring.SyncDir(s.path(keyring.PublicDir, ""))
}

// unwrapSealing unwraps every sealing key that rests wrapped, those of hours to
// come too: who runs goes on for as long as there are keys if the KEK is away.
func (s *Store) unwrapSealing() error {
	if s.kek == nil {
		return nil
	}
	files, err := s.files(keyring.AnonymizeDir)
	if err != nil {
		return err
	}
	for _, name := range files {
		if _, ok := keyring.SealingHour(name); !ok {
			continue
		}
		if _, err := s.read(s.path(keyring.AnonymizeDir, name)); err != nil && !isAbsent(err) {
			return err
		}
	}
	return nil
}

func (s *Store) retireSealing(now time.Time) error {
	public, err := s.files(keyring.PublicDir)
	if err != nil {
		return err
	}
	for _, name := range public {
		if hour, ok := keyring.SealingHour(name); ok && !now.Before(event.HourStart(hour+1)) {
			if err := os.Remove(s.path(keyring.PublicDir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	secret, err := s.files(keyring.AnonymizeDir)
	if err != nil {
		return err
	}
	for _, name := range secret {
		hour, ok := keyring.SealingHour(name)
		if !ok || now.Before(event.HourStart(hour+1).Add(event.PrivateLife)) {
			continue
		}
		if err := s.destroySealing(hour); err != nil {
			return err
		}
	}
	s.forgetGone()
	s.mu.Lock()
	defer s.mu.Unlock()
	for hour := range s.sealing { // those that another process destroyed
		if !now.Before(event.HourStart(hour + 1).Add(event.PrivateLife)) {
			delete(s.sealing, hour)
		}
	}
	return nil
}

func (s *Store) destroySealing(hour int32) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sealing, hour)
	return keyring.DestroyFile(s.path(keyring.AnonymizeDir, keyring.SealingFile(hour)))
}

// Private returns the private key of an hour, or event.ErrKeyGone when there
// is none (any more). It notices within a minute that another process
// destroyed one. It implements event.PrivateKeys.
func (s *Store) Private(hour int32) (tink.HybridDecrypt, error) {
	now := s.now()
	s.mu.RLock()
	p, ok := s.sealing[hour]
	s.mu.RUnlock()
	if age := now.Sub(p.seen); ok && age >= 0 && age < lookAgain {
		return p.key, nil
	}
	return s.load(hour, now)
}

// load reads a private key, under the lock so that none comes back while it
// is being destroyed.
func (s *Store) load(hour int32, now time.Time) (tink.HybridDecrypt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sealing, hour)
	path := s.path(keyring.AnonymizeDir, keyring.SealingFile(hour))
	handle, err := s.read(path)
	if err != nil {
		return nil, s.gone(path, err)
	}
	primitive, err := hybrid.NewHybridDecrypt(handle)
	if err != nil {
		return nil, fmt.Errorf("key file %s: not a sealing key", path)
	}
	key := openerKey{secret{}, primitive}
	s.sealing[hour] = private{key, now}
	return key, nil
}

// gone tells a destroyed key from a directory that cannot be read: nothing may
// be given up for lost because a disk is missing.
func (s *Store) gone(path string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		if there, _ := exists(path); there {
			return err
		} // else it was destroyed while we read it
	}
	if missing := keyring.CheckDir(s.path(keyring.AnonymizeDir, "")); missing != nil {
		return missing
	}
	return event.ErrKeyGone
}
