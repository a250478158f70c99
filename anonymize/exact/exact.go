// Package exact holds sums before noise. An exact sum has no exported field,
// does not print and does not marshal; the only ways out of a Vector are
// sealed, digested under a key, or noised against a token that pays for it.
package exact

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/anonymize/budget"
	"brume/anonymize/noise"
)

// The refusals of this package.
var (
	ErrOverflow  = errors.New("exact sum overflows")
	ErrMalformed = errors.New("malformed vector of sums")
	ErrCell      = errors.New("no such cell")
	ErrSigma     = noise.ErrSigma // noise of this deviation cannot be drawn
)

// CheckNoise asserts that Noised and NoisedStep can draw with a σ. It draws
// nothing.
func CheckNoise(sigma float64) error { return noise.Check(sigma) }

// Vector is one exact bounded sum for each cell of a release, in the order of
// the release's cells. It is not safe for concurrent use.
type Vector struct{ sums []int64 }

// New returns a vector of n zero sums.
func New(n int) *Vector { return &Vector{make([]int64, n)} }

// Len returns the number of cells.
func (v *Vector) Len() int { return len(v.sums) }

// Add adds an amount, in the cell's units, to a cell.
func (v *Vector) Add(cell int, amount int64) error {
	if cell < 0 || cell >= len(v.sums) {
		return ErrCell
	}
	sum := v.sums[cell] + amount
	if (sum > v.sums[cell]) != (amount > 0) && amount != 0 {
		return ErrOverflow
	}
	v.sums[cell] = sum
	return nil
}

// Merge adds another vector of the same length, cell by cell.
func (v *Vector) Merge(other *Vector) error {
	if len(other.sums) != len(v.sums) {
		return ErrMalformed
	}
	for i, s := range other.sums {
		if err := v.Add(i, s); err != nil {
			return err
		}
	}
	return nil
}

// AEAD seals and opens, binding a context.
type AEAD = tink.AEAD

// Seal returns the vector encrypted and bound to the context.
func (v *Vector) Seal(key AEAD, context []byte) ([]byte, error) {
	sealed, err := key.Encrypt(v.encode(), context)
	if err != nil {
		return nil, fmt.Errorf("sealing exact sums: %w", err)
	}
	return sealed, nil
}

// Open returns what Seal sealed, which MUST have n cells.
func Open(key AEAD, sealed, context []byte, n int) (*Vector, error) {
	plain, err := key.Decrypt(sealed, context)
	if err != nil {
		return nil, fmt.Errorf("opening exact sums: %w", err)
	}
	return decode(plain, n)
}

// MAC returns a keyed digest of the vector and the context. A plain hash of
// exact sums could be guessed: mac MUST be keyed.
func (v *Vector) MAC(mac func([]byte) [32]byte, context []byte) [32]byte {
	data := binary.AppendUvarint(nil, uint64(len(context)))
	data = append(data, context...)
	return mac(append(data, v.encode()...))
}

// Noised redeems the token for the release, once, and returns each sum plus
// rounded Gaussian noise of standard deviation sigma(cell), in the cell's
// units. The vector is zeroed: a second call finds nothing, and the token
// refuses it.
func (v *Vector) Noised(token *budget.Token, release string, sigma func(cell int) float64) ([]int64, error) {
	if err := token.Redeem(release); err != nil {
		return nil, err
	}
	noised := make([]int64, len(v.sums))
	for i, sum := range v.sums {
		draw, err := noise.Draw(sigma(i))
		if err != nil {
			return nil, fmt.Errorf("drawing noise for %s: %w", release, err)
		}
		if noised[i], err = noise.Add(sum, draw); err != nil {
			return nil, fmt.Errorf("adding noise for %s: %w", release, err)
		}
	}
	clear(v.sums)
	return noised, nil
}

// String hides the sums.
func (v *Vector) String() string { return "[exact sums]" }

// GoString hides the sums from %#v.
func (v *Vector) GoString() string { return "[exact sums]" }

// Format hides the sums from every verb.
func (v *Vector) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[exact sums]") }

// MarshalJSON refuses: exact sums are never encoded in clear.
func (v *Vector) MarshalJSON() ([]byte, error) {
	return nil, errors.New("exact sums do not marshal")
}

// encode returns the canonical bytes: the length, then for every sum that is
// not zero its distance from the last one and its value.
func (v *Vector) encode() []byte {
	b := binary.AppendUvarint(nil, uint64(len(v.sums)))
	last := -1
	for i, s := range v.sums {
		if s != 0 {
			b = binary.AppendUvarint(b, uint64(i-last))
			b = binary.AppendVarint(b, s)
			last = i
		}
	}
	return b
}

func decode(b []byte, n int) (*Vector, error) {
	length, used := binary.Uvarint(b)
	if used <= 0 || length != uint64(n) {
		return nil, ErrMalformed
	}
	v, last := New(n), -1
	for b = b[used:]; len(b) > 0; {
		gap, g := binary.Uvarint(b)
		if g <= 0 || gap == 0 || gap > uint64(n-1-last) {
			return nil, ErrMalformed
		}
		sum, s := binary.Varint(b[g:])
		if s <= 0 || sum == 0 {
			return nil, ErrMalformed
		}
		last += int(gap)
		v.sums[last] = sum
		b = b[g+s:]
	}
	return v, nil
}
