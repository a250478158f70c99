package keyring

import (
	"bytes"
	"encoding/binary"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/tink-crypto/tink-go/v2/hybrid"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/schemas/event"
)

// certificate is the file of an hourly public key: the authority's signature
// says which hour it is for and when its use ends.
type certificate struct {
	Hour      int32  `json:"hour"`
	NotAfter  int64  `json:"not_after"` // seconds since 1970
	Keyset    []byte `json:"keyset"`    // Tink public keyset, JSON
	Signature []byte `json:"signature"`
}

// signed returns the bytes that the signature covers.
func (c certificate) signed() []byte {
	b := binary.BigEndian.AppendUint32([]byte("brume sealing key v1\x00"), uint32(c.Hour))
	b = binary.BigEndian.AppendUint64(b, uint64(c.NotAfter))
	return append(b, c.Keyset...)
}

const hourLayout = "2006-01-02T15Z"

// SealingFile names the file of an hour's key, public or private.
func SealingFile(hour int32) string {
	return "sealing-" + event.HourStart(hour).Format(hourLayout) + ".json"
}

// SealingHour is the inverse of SealingFile.
func SealingHour(file string) (hour int32, ok bool) {
	name, ok := strings.CutPrefix(strings.TrimSuffix(file, ".json"), "sealing-")
	t, err := time.Parse(hourLayout, name)
	hour = event.Hour(t)
	return hour, ok && err == nil && SealingFile(hour) == file
}

// Certify writes the certificate of an hour's key into a directory unless it
// is there. The key's use ends with its hour.
func Certify(dir string, hour int32, private *keyset.Handle, authority tink.Signer) error {
	public, err := private.Public()
	if err != nil {
		return fmt.Errorf("certifying a sealing key: %w", err)
	}
	var b bytes.Buffer
	if err := public.WriteWithNoSecrets(keyset.NewJSONWriter(&b)); err != nil {
		return fmt.Errorf("certifying a sealing key: %w", err)
	}
	c := certificate{Hour: hour, NotAfter: event.HourStart(hour + 1).Unix(), Keyset: b.Bytes()}
	if c.Signature, err = authority.Sign(c.signed()); err != nil {
		return fmt.Errorf("certifying a sealing key: %w", err)
	}
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("certifying a sealing key: %w", err)
	}
	if err := CreateFile(filepath.Join(dir, SealingFile(hour)), data); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func readCertificate(dir string, hour int32, authority tink.Verifier) (event.PublicKey, error) {
	path := filepath.Join(dir, SealingFile(hour))
	data, err := ReadFile(path)
	if err != nil {
		return event.PublicKey{}, err
	}
	var c certificate
	if err := json.Unmarshal(data, &c, json.RejectUnknownMembers(true)); err != nil {
		return event.PublicKey{}, fmt.Errorf("key file %s: not a certificate", path)
	}
	if err := authority.Verify(c.Signature, c.signed()); err != nil || c.Hour != hour {
		return event.PublicKey{}, fmt.Errorf("key file %s: not certified for this hour", path)
	}
	handle, err := keyset.ReadWithNoSecrets(keyset.NewJSONReader(bytes.NewReader(c.Keyset)))
	if err != nil {
		return event.PublicKey{}, fmt.Errorf("key file %s: not a public keyset", path)
	}
	wrap, err := hybrid.NewHybridEncrypt(handle)
	if err != nil {
		return event.PublicKey{}, fmt.Errorf("key file %s: not a sealing key", path)
	}
	return event.PublicKey{Hour: hour, NotAfter: time.Unix(c.NotAfter, 0), Wrap: wrap}, nil
}

// lookAgain is how long sealing relies on what it last read.
const lookAgain = time.Minute

// sealing gives the certified public keys of a directory. It reads at most one
// file a minute, so keys that appear or go are noticed within one.
type sealing struct {
	dir       string
	authority tink.Verifier

	mu   sync.Mutex
	read time.Time
	hour int32
	key  event.PublicKey
	err  error
}

// Current returns the key of the hour that holds now, or ErrNoKey.
func (s *sealing) Current(now time.Time) (event.PublicKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hour := event.Hour(now)
	if age := now.Sub(s.read); s.read.IsZero() || hour != s.hour || age < 0 || age >= lookAgain {
		s.key, s.err = readCertificate(s.dir, hour, s.authority)
		s.read, s.hour = now, hour
		if s.err != nil {
			s.err = fmt.Errorf("%w: %w", event.ErrNoKey, s.err)
		}
	}
	if s.err == nil && !now.Before(s.key.NotAfter) {
		return event.PublicKey{}, event.ErrNoKey
	}
	return s.key, s.err
}
