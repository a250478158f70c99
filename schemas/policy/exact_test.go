package policy

import (
	"math"
	"math/big"
	"testing"

	"github.com/google/differential-privacy/go/v3/noise"
)

// bits of the reference: 120 digits, of which the subtraction of two tails near
// 1e-25 and the sum of Φ's series take 30 at most.
const bits = 400

func exactly(x float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(x) }

func add(x, y *big.Float) *big.Float { return new(big.Float).SetPrec(bits).Add(x, y) }
func sub(x, y *big.Float) *big.Float { return new(big.Float).SetPrec(bits).Sub(x, y) }
func mul(x, y *big.Float) *big.Float { return new(big.Float).SetPrec(bits).Mul(x, y) }
func quo(x, y *big.Float) *big.Float { return new(big.Float).SetPrec(bits).Quo(x, y) }

// exactExp is Taylor's series of e^(x/2^k), squared k times.
func exactExp(x *big.Float) *big.Float {
	k := max(0, x.MantExp(nil)) + 8
	small := new(big.Float).SetMantExp(x, -k)
	sum, term := exactly(1), exactly(1)
	for n := 1.0; term.Sign() != 0 && term.MantExp(nil) > -bits-8; n++ {
		term = quo(mul(term, small), exactly(n))
		sum = add(sum, term)
	}
	for range k {
		sum = mul(sum, sum)
	}
	return sum
}

// exactTail is Φ(−x) = 1/2 − φ(x)·Σ x^(2n+1)/(1·3·5…(2n+1)).
func exactTail(x *big.Float) *big.Float {
	square := mul(x, x)
	sum, term := new(big.Float).SetPrec(bits).Set(x), new(big.Float).SetPrec(bits).Set(x)
	for n := 3.0; term.Sign() != 0 && term.MantExp(nil) > -bits; n += 2 {
		term = quo(mul(term, square), exactly(n))
		sum = add(sum, term)
	}
	pi, _, _ := big.ParseFloat("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798214808651328230664709384460955", 10, bits, big.ToNearestEven)
	density := quo(exactExp(quo(square, exactly(-2))), new(big.Float).SetPrec(bits).Sqrt(mul(exactly(2), pi)))
	return sub(exactly(0.5), mul(density, sum))
}

// exactDelta is the textbook form Φ(−ε/μ+μ/2) − e^ε·Φ(−ε/μ−μ/2).
func exactDelta(mu, epsilon float64) *big.Float {
	ratio, half := quo(exactly(epsilon), exactly(mu)), quo(exactly(mu), exactly(2))
	return sub(exactTail(sub(ratio, half)), mul(exactExp(exactly(epsilon)), exactTail(add(ratio, half))))
}

// TestReference holds the reference itself to values that another library of
// arbitrary precision (mpmath, at 60 digits) computes by other methods.
func TestReference(t *testing.T) {
	for _, c := range []struct {
		name string
		got  *big.Float
		want string
	}{
		{"e", exactExp(exactly(1)), "2.71828182845904523536028747135266249775724709369996"},
		{"e^-10", exactExp(exactly(-10)), "4.5399929762484851535591515560550610237918088866656e-05"},
		{"Φ(−1)", exactTail(exactly(1)), "1.5865525393145705141476745436796207752208703327340e-01"},
		{"Φ(−10)", exactTail(exactly(10)), "7.6198530241605260659733432515993083635040332779570e-24"},
	} {
		want, _, err := big.ParseFloat(c.want, 10, bits, big.ToNearestEven)
		if err != nil {
			t.Fatal(err)
		}
		if difference, _ := quo(sub(c.got, want), want).Float64(); math.Abs(difference) > 1e-45 {
			t.Errorf("%s = %.50g, want %s", c.name, c.got, c.want)
		}
	}
}

// TestBothWaysExactly: δ(ε), ε(δ) and μ(ε, δ) within 1e-9 of the reference over
// the range that a policy could ever ask for. A step of 1e-9 in ε or μ must
// cross δ, which is what an inverse within 1e-9 means.
func TestBothWaysExactly(t *testing.T) {
	worst := 0.0
	for _, epsilon := range []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 4, 6, 8, 12, 16, 20} {
		for _, delta := range []float64{1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 9.9e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1} {
			mu, err := Mu(epsilon, delta)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := exactDelta(mu, epsilon).Float64()
			got := Delta(mu, epsilon)
			worst = max(worst, math.Abs(got/want-1))
			if !near(got, want, 1e-9) {
				t.Errorf("Delta(%v, %v) = %v, want %v", mu, epsilon, got, want)
			}
			asked := exactly(delta)
			if exactDelta(mu*(1-1e-9), epsilon).Cmp(asked) > 0 || exactDelta(mu*(1+1e-9), epsilon).Cmp(asked) < 0 {
				t.Errorf("Mu(%v, %v) = %v is not within 1e-9", epsilon, delta, mu)
			}
			e := Epsilon(mu, delta)
			if exactDelta(mu, e*(1+1e-9)).Cmp(asked) > 0 || exactDelta(mu, e*(1-1e-9)).Cmp(asked) < 0 {
				t.Errorf("Epsilon(%v, %v) = %v is not within 1e-9 of %v", mu, delta, e, epsilon)
			}
		}
	}
	t.Logf("worst relative error of δ: %.1e", worst)
}

// TestMuAgainstTheLibrary compares with Google's own search for σ = 1/μ, which
// stops between the tight value and 1e-3 above it.
func TestMuAgainstTheLibrary(t *testing.T) {
	for _, epsilon := range []float64{0.01, 0.1, 0.5, 1, 2, 4, 8, 16, 20} {
		for _, delta := range []float64{1e-15, 1e-12, 1e-9, 1e-5, 1e-2, 0.1} {
			mu, err := Mu(epsilon, delta)
			if err != nil {
				t.Fatal(err)
			}
			if sigma := noise.SigmaForGaussian(1, 1, epsilon, delta); sigma < (1-1e-9)/mu || sigma > (1+1e-3)/mu {
				t.Errorf("ε %v, δ %v: 1/μ = %v, the library's σ = %v", epsilon, delta, 1/mu, sigma)
			}
		}
	}
}
