package event

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Sealer seals events so that only the anonymizers can open them. It draws a
// data key that lives ten minutes and never past its public key's not-after.
// A timer drops the key even when nothing more is sealed, so what the process
// can read back is never older than DataKeyLife. (The garbage collector
// decides when the memory is reused.) It is safe for concurrent use.
type Sealer struct {
	keys PublicKeys
	now  func() time.Time

	mu      sync.Mutex
	current *dataKey
}

// dataKey seals the records of one process for ten minutes.
type dataKey struct {
	aead   cipher.AEAD
	header []byte // of every record sealed with it
	prefix [4]byte
	count  atomic.Uint64 // the rest of the nonce: never the same twice
	from   time.Time
	until  time.Time
}

// NewSealer returns a sealer that wraps its data keys to the keys' current
// public key.
func NewSealer(keys PublicKeys, now func() time.Time) *Sealer {
	return &Sealer{keys: keys, now: now}
}

// Seal returns the record of e for one partition of the topic statements. It
// returns ErrNoKey rather than use an expired public key, and ErrInvalid for
// an event that could not be opened again.
func (s *Sealer) Seal(e *Event, partition int) ([]byte, error) {
	if err := e.Validate(); err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	if partition < 0 || partition > math.MaxInt32 {
		return nil, errors.New("sealing: partition out of range")
	}
	key, err := s.dataKey()
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return key.seal(e, partition), nil
}

func (s *Sealer) dataKey() (*dataKey, error) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.current; k != nil && now.Before(k.until) && !now.Before(k.from) {
		return k, nil
	}
	s.current = nil
	public, err := s.keys.Current(now)
	if err != nil {
		return nil, err
	}
	if !now.Before(public.NotAfter) {
		return nil, ErrNoKey
	}
	k, err := newDataKey(public, now)
	if err != nil {
		return nil, err
	}
	s.current = k
	time.AfterFunc(k.until.Sub(now), func() { s.drop(k) })
	return k, nil
}

// drop forgets a data key whose time is over.
func (s *Sealer) drop(k *dataKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == k {
		s.current = nil
	}
}

func newDataKey(public PublicKey, now time.Time) (*dataKey, error) {
	k := &dataKey{from: now, until: now.Add(DataKeyLife)}
	if public.NotAfter.Before(k.until) {
		k.until = public.NotAfter
	}
	_, _ = rand.Read(k.prefix[:]) // never fails: see crypto/rand
	key := make([]byte, dataKeySize)
	_, _ = rand.Read(key)
	defer clear(key)
	wrapped, err := public.Wrap.Encrypt(key, wrapContext(public.Hour))
	if err != nil {
		return nil, fmt.Errorf("wrapping a data key: %w", err)
	}
	if len(wrapped) > maxWrapped {
		return nil, errors.New("wrapping a data key: wrapped key too long")
	}
	k.header = appendHeader(nil, public.Hour, wrapped)
	k.aead, err = newGCM(key)
	return k, err
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	return cipher.NewGCM(block)
}

// seal encrypts in place: the event is encoded where its ciphertext will
// stand.
func (k *dataKey) seal(e *Event, partition int) []byte {
	const lengths = 4 // two uvarints up to MaxName
	n := len(k.header) + nonceSize
	size := n + 1 + factsSize + lengths + len(e.Scope) + len(e.Actor.canonical) + tagSize
	record := make([]byte, 0, size+len(k.header)+4)
	record = append(record, k.header...)
	record = append(record, k.prefix[:]...)
	record = binary.BigEndian.AppendUint64(record, k.count.Add(1))
	record = e.Append(record)
	// The associated data is built behind the record and cut off again.
	aad := appendAAD(record[size:size], k.header, partition)
	return k.aead.Seal(record[:n], record[n-nonceSize:n], record[n:], aad)
}

func appendAAD(dst, header []byte, partition int) []byte {
	dst = append(dst, header...)
	return binary.BigEndian.AppendUint32(dst, uint32(partition))
}

// Format hides the sealer from package fmt.
func (s *Sealer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[sealer]") }
