package control

import (
	"encoding/binary"
	"encoding/json/v2"
	"errors"
	"fmt"
	"math"
	"time"

	"brume/schemas/event"
)

// A control record's value is
//
//	version, kind, length of the signature (2), signature, JSON body
//
// The signature covers a domain, version, kind, the partition and the body.
// The partition is not in the value: whoever reads the record supplies the one
// it was read from.
const headerSize = 1 + 1 + 2

// domain separates control signatures from every other use of a key.
const domain = "brume control record v1\x00"

// ErrRefused marks a value that the operator did not sign for this partition.
var ErrRefused = errors.New("control record refused")

// KeySigner signs bytes, and KeyVerifier checks the signature. Tink's
// primitives satisfy them.
type (
	KeySigner interface {
		Sign(data []byte) ([]byte, error)
	}
	KeyVerifier interface {
		Verify(signature, data []byte) error
	}
)

// Signer makes control records with the operator's key.
type Signer struct{ key KeySigner }

// NewSigner returns a signer with the operator's signing key.
func NewSigner(key KeySigner) *Signer { return &Signer{key} }

// Verifier opens control records with the operator's verifying key.
type Verifier struct{ key KeyVerifier }

// NewVerifier returns a verifier with the operator's verifying key.
func NewVerifier(key KeyVerifier) *Verifier { return &Verifier{key} }

// body is a record as it is signed.
type body struct {
	Kind         Kind   `json:"kind"`
	Year         string `json:"year,omitzero"`
	PolicyHash   []byte `json:"policy,omitempty"`
	RegistryHash []byte `json:"registry,omitempty"`
	FoldVersion  uint32 `json:"fold,omitzero"`
	Cadence      string `json:"cadence,omitzero"`
	Window       string `json:"window,omitzero"`
	Index        int    `json:"index,omitzero"`
	Token        []byte `json:"token,omitempty"`
	From         int64  `json:"from,omitzero"`
	To           int64  `json:"to,omitzero"`
	Until        int64  `json:"until,omitzero"` // nanoseconds since 1970
	Issued       int64  `json:"issued"`         // nanoseconds since 1970
}

// Sign returns the record's value for one partition of the topic statements.
func (s *Signer) Sign(r Record, partition int) ([]byte, error) {
	if err := errors.Join(r.Validate(), fits(r, partition)); err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	b := body{
		Kind: r.Kind, Year: r.Year, FoldVersion: r.FoldVersion, Cadence: r.Cadence,
		Window: r.Window, Index: r.Index, From: r.From, To: r.To, Issued: r.Issued.UnixNano(),
	}
	switch r.Kind {
	case Config:
		b.PolicyHash, b.RegistryHash = r.PolicyHash[:], r.RegistryHash[:]
	case Object, Erase:
		b.Token = r.Token[:]
	case Gap:
		b.Until = r.Until.UnixNano()
	}
	encoded, err := json.Marshal(b, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encoding control record: %w", err)
	}
	signature, err := s.key.Sign(signed(partition, encoded))
	if err != nil {
		return nil, fmt.Errorf("signing control record: %w", err)
	}
	value := []byte{event.EnvelopeVersion, event.ControlKind}
	value = binary.BigEndian.AppendUint16(value, uint16(len(signature)))
	return append(append(value, signature...), encoded...), nil
}

// Open returns the record of a value read from the partition. What the
// operator did not sign for this very partition is ErrRefused.
//
// The same value may stand in the log more than once, long after it was
// issued: whoever produces to the log can copy it. Applying a record again
// MUST change nothing; a CONFIG issued before the one in force is a copy.
func (v *Verifier) Open(value []byte, partition int) (Record, error) {
	if len(value) < headerSize || value[0] != event.EnvelopeVersion || value[1] != event.ControlKind {
		return Record{}, fmt.Errorf("%w: header", ErrRefused)
	}
	size := int(binary.BigEndian.Uint16(value[2:]))
	if len(value) < headerSize+size {
		return Record{}, fmt.Errorf("%w: truncated", ErrRefused)
	}
	signature, encoded := value[headerSize:headerSize+size], value[headerSize+size:]
	if err := v.key.Verify(signature, signed(partition, encoded)); err != nil {
		return Record{}, fmt.Errorf("%w: signature", ErrRefused)
	}
	r, err := decode(encoded)
	if err != nil {
		return Record{}, err
	}
	r.Partition = AllPartitions
	if r.Kind == Gap {
		r.Partition = partition
	}
	if err := r.Validate(); err != nil {
		return Record{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return r, nil
}

// signed returns the bytes that a signature covers.
func signed(partition int, encoded []byte) []byte {
	b := append([]byte(domain), event.EnvelopeVersion, event.ControlKind)
	b = binary.BigEndian.AppendUint64(b, uint64(int64(partition)))
	return append(b, encoded...)
}

// fits refuses a GAP of another partition.
func fits(r Record, partition int) error {
	if partition < 0 || partition > math.MaxInt32 || r.Kind == Gap && r.Partition != partition {
		return fmt.Errorf("%w: partition", ErrInvalid)
	}
	return nil
}

func decode(encoded []byte) (Record, error) {
	var b body
	if err := json.Unmarshal(encoded, &b, json.RejectUnknownMembers(true)); err != nil {
		return Record{}, fmt.Errorf("%w: body", ErrRefused)
	}
	r := Record{
		Kind: b.Kind, Year: b.Year, FoldVersion: b.FoldVersion, Cadence: b.Cadence,
		Window: b.Window, Index: b.Index, From: b.From, To: b.To, Issued: time.Unix(0, b.Issued).UTC(),
	}
	if b.Until != 0 {
		r.Until = time.Unix(0, b.Until).UTC()
	}
	if !fill(r.PolicyHash[:], b.PolicyHash) || !fill(r.RegistryHash[:], b.RegistryHash) || !fill(r.Token[:], b.Token) {
		return Record{}, fmt.Errorf("%w: length of a hash or token", ErrRefused)
	}
	return r, nil
}

// fill copies a value that is there whole or not at all.
func fill(dst, src []byte) bool {
	return len(src) == 0 || copy(dst, src) == len(dst) && len(src) == len(dst)
}
