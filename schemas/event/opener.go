package event

import (
	"bytes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// openerKeys bounds the data keys that an opener keeps: every instance of
// ingest makes at most seven an hour.
const openerKeys = 1024

// Opener opens sealed records. It keeps the data keys it has unwrapped, so
// that a record costs little more than its AES-GCM. It is safe for concurrent
// use.
type Opener struct {
	keys    PrivateKeys
	scratch sync.Pool    // *scratch
	deaths  atomic.Int64 // times that a key was found gone: what scratches keep from before is void

	mu    sync.Mutex
	cache lru
}

// scratch is the memory of one Open. What it keeps of the last one, the data
// key with its header, spares the shared cache when records of one instance
// follow each other.
type scratch struct {
	header, aad, plain []byte
	aead               cipher.AEAD
	deaths             int64
}

// NewOpener returns an opener that unwraps data keys with the given keys.
func NewOpener(keys PrivateKeys) *Opener {
	return &Opener{
		keys:    keys,
		cache:   newLRU(openerKeys),
		scratch: sync.Pool{New: func() any { return new(scratch) }},
	}
}

// Open returns the event of a record read from the partition. Whatever was
// not sealed for it is refused with ErrSealed; ErrKeyGone says that the hour's
// private key does not exist any more, even if the data key is still at hand.
// Any other error is a failure to read keys and says nothing of the record.
func (o *Opener) Open(record []byte, partition int) (Event, error) {
	header, nonce, ciphertext, err := splitRecord(record)
	if err != nil {
		return Event{}, err
	}
	s := o.scratch.Get().(*scratch)
	defer o.scratch.Put(s)
	if err := o.dataKey(s, header); err != nil {
		return Event{}, err
	}
	s.aad = appendAAD(s.aad[:0], header, partition)
	plain, err := s.aead.Open(s.plain[:0], nonce, ciphertext, s.aad)
	if err != nil {
		return Event{}, fmt.Errorf("%w: authentication", ErrSealed)
	}
	s.plain = plain
	defer clear(plain)
	e, err := Parse(plain)
	if err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrSealed, err)
	}
	return e, nil
}

// dataKey finds the key of all records that begin with this header. The
// caches are asked for the whole header: the same wrapped key under another
// hour is another question, so the answer never depends on what was opened
// before.
func (o *Opener) dataKey(s *scratch, header []byte) error {
	hour := int32(binary.BigEndian.Uint32(header[2:]))
	deaths := o.deaths.Load()
	private, err := o.keys.Private(hour)
	switch {
	case errors.Is(err, ErrKeyGone):
		o.deaths.Add(1)
		s.aead = nil
		o.mu.Lock()
		defer o.mu.Unlock()
		o.cache.drop(func(h int32) bool { return h == hour })
		return err
	case err != nil:
		return fmt.Errorf("opening: %w", err)
	case s.aead != nil && s.deaths == deaths && bytes.Equal(s.header, header):
		return nil
	}
	aead, err := o.cached(private, header, hour)
	if err != nil {
		return err
	}
	s.aead, s.header, s.deaths = aead, append(s.header[:0], header...), deaths
	return nil
}

func (o *Opener) cached(private tink.HybridDecrypt, header []byte, hour int32) (cipher.AEAD, error) {
	o.mu.Lock()
	aead, ok := o.cache.get(header)
	o.mu.Unlock()
	if ok {
		return aead, nil
	}
	key, err := private.Decrypt(header[prefixSize:], wrapContext(hour))
	if err != nil || len(key) != dataKeySize {
		return nil, fmt.Errorf("%w: data key", ErrSealed)
	}
	aead, err = newGCM(key)
	clear(key)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cache.put(header, hour, aead)
	return aead, nil
}

// Format hides the opener from package fmt.
func (o *Opener) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[opener]") }
