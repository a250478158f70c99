package exact

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"brume/anonymize/budget"
	"brume/anonymize/noise"
)

// Noise is what a step of a year stream drew: one z for each cell. It is as
// secret as the sums that it hides: the only ways out are sealed, or weighed
// into a Past.
type Noise struct{ z []float64 }

// Past is, for each cell of a step, the sum of the earlier steps' noise as this
// step weighs it.
type Past struct{ sums []float64 }

// NewPast returns the past of a first step of n cells.
func NewPast(n int) *Past { return &Past{make([]float64, n)} }

// Add adds to a cell the weighed noise that another step drew for it, there at
// position at.
func (p *Past) Add(cell int, weight float64, n *Noise, at int) error {
	if cell < 0 || cell >= len(p.sums) || at < 0 || at >= len(n.z) {
		return ErrCell
	}
	p.sums[cell] += weight * n.z[at]
	return nil
}

// NoisedStep is Noised for a step of year streams: to each sum it adds, rounded
// once, a fresh draw of standard deviation sigma(cell) and the cell's past. It
// returns the draws, too, which the steps after this one need.
func (v *Vector) NoisedStep(token *budget.Token, release string, sigma func(cell int) float64, past *Past) ([]int64, *Noise, error) {
	if len(past.sums) != len(v.sums) {
		return nil, nil, ErrMalformed
	}
	if err := token.Redeem(release); err != nil {
		return nil, nil, err
	}
	noised, drawn := make([]int64, len(v.sums)), &Noise{make([]float64, len(v.sums))}
	for i, sum := range v.sums {
		z, err := noise.Real(sigma(i))
		if err != nil {
			return nil, nil, fmt.Errorf("drawing noise for %s: %w", release, err)
		}
		total, err := noise.Round(z + past.sums[i])
		if err == nil {
			noised[i], err = noise.Add(sum, total)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("adding noise for %s: %w", release, err)
		}
		drawn.z[i] = z
	}
	clear(v.sums)
	return noised, drawn, nil
}

// Seal returns the noise of cells [from, to) encrypted and bound to the context.
func (n *Noise) Seal(key AEAD, context []byte, from, to int) ([]byte, error) {
	plain := make([]byte, 0, 8*(to-from))
	for _, z := range n.z[from:to] {
		plain = binary.BigEndian.AppendUint64(plain, math.Float64bits(z))
	}
	sealed, err := key.Encrypt(plain, context)
	if err != nil {
		return nil, fmt.Errorf("sealing the noise of a stream: %w", err)
	}
	return sealed, nil
}

// OpenNoise returns what Seal sealed, which MUST be n cells.
func OpenNoise(key AEAD, sealed, context []byte, n int) (*Noise, error) {
	plain, err := key.Decrypt(sealed, context)
	if err != nil {
		return nil, fmt.Errorf("opening the noise of a stream: %w", err)
	}
	if len(plain) != 8*n {
		return nil, ErrMalformed
	}
	z := make([]float64, n)
	for i := range z {
		z[i] = math.Float64frombits(binary.BigEndian.Uint64(plain[8*i:]))
	}
	return &Noise{z}, nil
}

// Format hides the noise from every verb.
func (n *Noise) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[noise]") }

// MarshalJSON refuses: noise is never encoded in clear.
func (n *Noise) MarshalJSON() ([]byte, error) { return nil, errors.New("noise does not marshal") }

// Format hides the past from every verb.
func (p *Past) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[noise]") }

// MarshalJSON refuses: noise is never encoded in clear.
func (p *Past) MarshalJSON() ([]byte, error) { return nil, errors.New("noise does not marshal") }
