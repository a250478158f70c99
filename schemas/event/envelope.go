package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// Every value of the topic statements begins with a version byte and one of
// these kinds.
const (
	EnvelopeVersion = 1
	SealedKind      = 1 // a sealed event
	ControlKind     = 2 // a control record, see schemas/control
)

// A sealed record is
//
//	version, kind, hour of the public key (4), length of the wrapped key (2),
//	wrapped data key | nonce (12) | AES-256-GCM ciphertext and tag
//
// The part before the bar is the header. It and the topic partition are the
// associated data, so a record opens in its own partition only.
const (
	prefixSize  = 1 + 1 + 4 + 2
	maxWrapped  = 512
	dataKeySize = 32
	nonceSize   = 12
	tagSize     = 16
)

// DataKeyLife is how long an instance of ingest seals with one data key, and
// with it how far back it could read.
const DataKeyLife = 10 * time.Minute

// PrivateLife is how long after the end of its hour a private key lives.
const PrivateLife = 72 * time.Hour

// The decisions of sealing and opening.
var (
	// ErrNoKey: no public key is valid now; ingest answers 503.
	ErrNoKey = errors.New("no valid sealing key")
	// ErrSealed: the record is not one that a Sealer made for this partition.
	// It will never open: quarantine it.
	ErrSealed = errors.New("undecodable sealed record")
	// ErrKeyGone: no private key of the record's hour exists, or it was
	// destroyed. It will never open.
	ErrKeyGone = errors.New("sealing key destroyed")
)

// PublicKey is the anonymizers' public key of one hour.
type PublicKey struct {
	Hour     int32     // whole hours since 1970-01-01T00:00Z
	NotAfter time.Time // signed; the key MUST NOT be used from this instant on
	Wrap     tink.HybridEncrypt
}

// PublicKeys gives the sealer its keys. Current returns ErrNoKey when none is
// valid; it MUST have verified the signature over hour, not-after and key.
type PublicKeys interface {
	Current(now time.Time) (PublicKey, error)
}

// PrivateKeys gives the opener its keys. Private is called for every record,
// so it MUST be quick, and MUST return ErrKeyGone as soon as it knows that the
// key was destroyed. Another error says nothing about the record: the caller
// stops and tries again.
type PrivateKeys interface {
	Private(hour int32) (tink.HybridDecrypt, error)
}

// IsControl says whether a value of the topic statements claims to be a
// control record, of whatever version. Only schemas/control can tell if it is.
func IsControl(value []byte) bool { return len(value) >= 2 && value[1] == ControlKind }

// Hour returns the hour that holds t, as PublicKey counts them.
func Hour(t time.Time) int32 { return int32(t.Unix() / 3600) }

// HourStart returns the first instant of an hour.
func HourStart(hour int32) time.Time { return time.Unix(int64(hour)*3600, 0).UTC() }

// wrapContext binds a wrapped data key to its purpose and hour.
func wrapContext(hour int32) []byte {
	return binary.BigEndian.AppendUint32([]byte("brume/data-key/v1/"), uint32(hour))
}

func appendHeader(dst []byte, hour int32, wrapped []byte) []byte {
	dst = append(dst, EnvelopeVersion, SealedKind)
	dst = binary.BigEndian.AppendUint32(dst, uint32(hour))
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(wrapped)))
	return append(dst, wrapped...)
}

// splitRecord cuts a record into header, nonce and ciphertext.
func splitRecord(record []byte) (header, nonce, ciphertext []byte, err error) {
	if len(record) < prefixSize || record[0] != EnvelopeVersion || record[1] != SealedKind {
		return nil, nil, nil, fmt.Errorf("%w: header", ErrSealed)
	}
	size := int(binary.BigEndian.Uint16(record[6:]))
	if size > maxWrapped || len(record) < prefixSize+size+nonceSize+tagSize {
		return nil, nil, nil, fmt.Errorf("%w: length", ErrSealed)
	}
	header, rest := record[:prefixSize+size], record[prefixSize+size:]
	return header, rest[:nonceSize], rest[nonceSize:], nil
}
