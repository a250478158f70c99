package keys

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/signature"

	"brume/schemas/event/keyring"
)

const (
	gateWrapFile        = "gate-wrap.json"
	certificateSignFile = "certificates-sign.json"
	controlSignFile     = "control-sign.json"
	ledgerSignFile      = "ledger-sign.json"
)

func pseudonymFile(year string) string { return "pseudonym-" + year + ".json" }
func cohortFile(year string) string    { return "cohort-" + year + ".json" }
func streamFile(year string) string    { return "stream-" + year + ".json" }
func yearTombstone(year string) string { return "year-" + year + ".destroyed" }

// Init makes the key directory, or what is missing of it, and the sealing keys
// from now on. It never overwrites a key, does not bring back a destroyed year
// and may be interrupted and repeated.
func Init(dir string, years []string, now time.Time) error { return InitUnder(dir, years, now, nil) }

// InitUnder is Init where the private keysets of anonymize and gate rest
// wrapped under a KEK.
func InitUnder(dir string, years []string, now time.Time, kek *KEK) error {
	for _, year := range years {
		if err := checkYear(year); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Clean(dir)), 0o700); err != nil {
		return fmt.Errorf("making key directory: %w", err)
	}
	if err := keyring.MakeDir(dir); err != nil {
		return err
	}
	for _, part := range parts {
		if err := keyring.MakeDir(filepath.Join(dir, part)); err != nil {
			return err
		}
	}
	s, err := OpenUnder(dir, kek)
	if err != nil {
		return err
	}
	if err := errors.Join(s.initRouting(), s.initSecrets(), s.initSigning()); err != nil {
		return err
	}
	for _, year := range years {
		if err := s.initYear(year); err != nil {
			return err
		}
	}
	return s.MaintainSealing(now)
}

var parts = []string{keyring.IngestDir, keyring.PublicDir, keyring.AnonymizeDir, keyring.OperatorDir, keyring.GateDir}

func (s *Store) initRouting() error {
	handle, err := s.create(s.path(keyring.IngestDir, keyring.RoutingFile), prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return err
	}
	routing, err := keyring.NewPRF(handle)
	if err != nil {
		return err
	}
	id := routing.ID()
	path := s.path(keyring.PublicDir, keyring.RoutingIDFile)
	err = keyring.CreateFile(path, []byte(hex.EncodeToString(id[:])))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if named, err := keyring.ReadRoutingID(s.dir); err != nil || named != id {
		return errors.Join(fmt.Errorf("%s does not name the routing key", path), err)
	}
	return keyring.SyncDir(filepath.Dir(path))
}

func (s *Store) initSecrets() error {
	for path, template := range map[string]*tinkpb.KeyTemplate{
		s.path(keyring.IngestDir, keyring.FingerprintFile): prf.HMACSHA256PRFKeyTemplate(),
		s.path(keyring.AnonymizeDir, gateWrapFile):         aead.AES256GCMKeyTemplate(),
	} {
		if _, err := s.create(path, template); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) initSigning() error {
	for sign, verify := range map[string]string{
		s.path(keyring.AnonymizeDir, certificateSignFile): s.path(keyring.IngestDir, keyring.CertificateVerifyFile),
		s.path(keyring.OperatorDir, controlSignFile):      s.path(keyring.PublicDir, keyring.ControlVerifyFile),
		s.path(keyring.GateDir, ledgerSignFile):           s.path(keyring.PublicDir, keyring.LedgerVerifyFile),
	} {
		private, err := s.create(sign, signature.ED25519KeyTemplate())
		if err != nil {
			return err
		}
		if err := keyring.CreatePublic(verify, private); err != nil {
			return err
		}
		if err := checkPair(private, verify); err != nil {
			return err
		}
	}
	return nil
}

// checkPair refuses a verifying key that belongs to another signing key, as
// after a partial copy.
func checkPair(private *keyset.Handle, verify string) error {
	public, err := keyring.ReadPublic(verify)
	if err != nil {
		return err
	}
	expected, err := private.Public()
	if err != nil {
		return fmt.Errorf("key file %s: %w", verify, err)
	}
	var a, b bytes.Buffer
	if err := errors.Join(
		public.WriteWithNoSecrets(keyset.NewBinaryWriter(&a)),
		expected.WriteWithNoSecrets(keyset.NewBinaryWriter(&b)),
	); err != nil {
		return fmt.Errorf("key file %s: %w", verify, err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		return fmt.Errorf("key file %s does not belong to its signing key", verify)
	}
	return nil
}

func (s *Store) initYear(year string) error {
	if destroyed, err := exists(s.path(keyring.AnonymizeDir, yearTombstone(year))); destroyed || err != nil {
		return err
	}
	if _, err := s.create(s.path(keyring.AnonymizeDir, pseudonymFile(year)), prf.HMACSHA256PRFKeyTemplate()); err != nil {
		return err
	}
	for _, file := range []string{cohortFile(year), streamFile(year)} {
		if _, err := s.create(s.path(keyring.AnonymizeDir, file), aead.AES256GCMKeyTemplate()); err != nil {
			return err
		}
	}
	return nil
}

func exists(path string) (bool, error) {
	switch _, err := os.Stat(path); {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	default:
		return false, fmt.Errorf("key directory: %w", err)
	}
}
