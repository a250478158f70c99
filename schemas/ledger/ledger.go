// Package ledger defines the privacy ledger: signed records chained by hash,
// the rules that make a record valid, and the state that follows from them.
//
// A record is valid only if its Prev equals the hash of the last valid one, so
// appending to the log is a compare-and-set, and every reader of the same log
// reaches the same verdict. The package does no I/O.
package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json/v2"
	"errors"
	"fmt"
)

// Hash is a SHA-256, written in hexadecimal.
type Hash [32]byte

// String returns the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText encodes the hash in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText decodes a hexadecimal hash.
func (h *Hash) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(h) {
		return errors.New("hash: want 64 hexadecimal digits")
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// Record is one entry of the ledger. Exactly one of Year, Reserved and
// Committed is set.
type Record struct {
	Sequence  uint64     `json:"sequence"` // 1 for the first record
	Prev      Hash       `json:"prev"`     // hash of the record before; zero for the first
	Issued    int64      `json:"issued"`   // seconds since 1970, for people only
	Year      *Year      `json:"year,omitempty"`
	Reserved  *Reserved  `json:"reserved,omitempty"`
	Committed *Committed `json:"committed,omitempty"`
}

// Year opens a school year under a plan, or changes its plan: what is released
// from then on is charged on top of what is spent. Windows that were closed under
// an earlier plan of the year keep it. The Facts never change while the year
// lasts.
type Year struct {
	Name      string  `json:"name"` // "2026-2027"
	Plan      Hash    `json:"plan"` // the policy's hash
	Registry  Hash    `json:"registry"`
	Epsilon   float64 `json:"epsilon"`
	Delta     float64 `json:"delta"`
	LimitNano int64   `json:"limit_nano_mu2"` // the year's limit, 1e-9 μ²
	Facts     Facts   `json:"facts"`
}

// Facts are fixed for the school year: every service refuses to start when
// its own differ. The key identifiers are keyed digests, never keys.
type Facts struct {
	Partitions int    `json:"partitions"`
	Routing    Hash   `json:"routing"`
	Pseudonym  Hash   `json:"pseudonym"`
	Hash       string `json:"hash"` // the PRF in use
}

// Cost is what a family charges in one zone for one window, in 1e-9 μ².
type Cost struct {
	Family string `json:"family"`
	Zone   string `json:"zone"`
	Nano   int64  `json:"nano_mu2"`
}

// Reserved charges one release. Budget is spent here and never refunded.
type Reserved struct {
	Release string `json:"release"`
	Year    string `json:"year"`
	Window  string `json:"window"`
	Plan    Hash   `json:"plan"`
	Costs   []Cost `json:"costs"`
	Inputs  []Hash `json:"inputs"` // one HMAC for each partition's exact sums, under a key of the year

	// Streams lists the year streams of which the release is a step. Each is
	// charged in all zones by its first step, and by no other.
	Streams []string `json:"streams,omitempty"`
	Step    int      `json:"step,omitzero"` // of a step: its window's place among the year's, from 1
}

// Committed fixes the one value that a release has for ever.
type Committed struct {
	Release  string `json:"release"`
	Payload  Hash   `json:"payload"`  // SHA-256 of the noised, encoded release
	Draft    string `json:"draft"`    // name of the encrypted draft
	DraftKey []byte `json:"draftkey"` // wrapped to the gates; never the key itself

	Incomplete bool `json:"incomplete,omitzero"` // a partition had lost statements: so it stays for ever

	Noise []Noise `json:"noise,omitempty"` // of a step: that of each of its streams, in their order
}

// Noise names what a step of a year stream drew and its later steps need. It is
// as secret as exact sums: it rests sealed, and only that form's hash is here.
type Noise struct {
	Family string `json:"family"`
	Sealed Hash   `json:"sealed"` // SHA-256
}

// Signer signs ledger records; Verifier checks them.
type (
	Signer interface {
		Sign(data []byte) ([]byte, error)
	}
	Verifier interface {
		Verify(signature, data []byte) error
	}
)

// domain separates ledger signatures from every other use of a key.
var domain = []byte("brume ledger record v1\x00")

// Encode signs the record and returns the value to append to the log.
func Encode(r Record, signer Signer) ([]byte, error) {
	body, err := json.Marshal(r, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encoding ledger record: %w", err)
	}
	signature, err := signer.Sign(append(domain[:len(domain):len(domain)], body...))
	if err != nil {
		return nil, fmt.Errorf("signing ledger record: %w", err)
	}
	value := binary.BigEndian.AppendUint16(nil, uint16(len(signature)))
	value = append(value, signature...)
	return append(value, body...), nil
}

// Decode verifies a value's signature and returns its record.
func Decode(value []byte, verifier Verifier) (Record, error) {
	if len(value) < 2 {
		return Record{}, errors.New("ledger record: too short")
	}
	n := int(binary.BigEndian.Uint16(value))
	if len(value) < 2+n {
		return Record{}, errors.New("ledger record: truncated signature")
	}
	signature, body := value[2:2+n], value[2+n:]
	if err := verifier.Verify(signature, append(domain[:len(domain):len(domain)], body...)); err != nil {
		return Record{}, fmt.Errorf("ledger record: bad signature: %w", err)
	}
	var r Record
	if err := json.Unmarshal(body, &r, json.RejectUnknownMembers(true)); err != nil {
		return Record{}, fmt.Errorf("ledger record: %w", err)
	}
	return r, nil
}

// HashOf returns the hash by which the next record names this value.
func HashOf(value []byte) Hash { return sha256.Sum256(value) }

// Load is a record of the loads topic: a release that ClickHouse holds, with
// the ledger's position when it was loaded.
type Load struct {
	Release string `json:"release"`
	Payload Hash   `json:"payload"`
	Ledger  Pin    `json:"ledger"`
}
