package exact

import (
	"bytes"
	"encoding/json/v2"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"brume/anonymize/budget"
)

// glass is an AEAD that hides nothing, so that tests can look.
type glass struct{}

func (glass) Encrypt(plain, context []byte) ([]byte, error) {
	return append(append([]byte{byte(len(context))}, context...), plain...), nil
}

func (glass) Decrypt(sealed, context []byte) ([]byte, error) {
	n := int(sealed[0])
	if !bytes.Equal(sealed[1:1+n], context) {
		return nil, errors.New("another context")
	}
	return sealed[1+n:], nil
}

func TestSealedVectorOpensEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sums := rapid.SliceOf(rapid.OneOf(rapid.Just(int64(0)), rapid.Int64())).Draw(t, "sums")
		v := &Vector{append([]int64{}, sums...)}
		sealed, err := v.Seal(glass{}, []byte("r/0"))
		if err != nil {
			t.Fatal(err)
		}
		back, err := Open(glass{}, sealed, []byte("r/0"), len(sums))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(back.encode(), v.encode()) {
			t.Fatal("opened vector differs")
		}
		if _, err := Open(glass{}, sealed, []byte("r/1"), len(sums)); err == nil {
			t.Fatal("opened for another partition")
		}
	})
}

func TestDecodeRefusesMalformed(t *testing.T) {
	for _, give := range [][]byte{
		nil,
		{4},          // another length
		{3, 0, 2},    // no distance
		{3, 1},       // no sum
		{3, 1, 0},    // a zero sum is not canonical
		{3, 4, 2},    // beyond the end
		{3, 3, 2, 1}, // beyond the end, second
		{3, 1, 0x80}, // cut varint
		bytes.Repeat([]byte{0xff}, 12),
	} {
		if _, err := decode(give, 3); !errors.Is(err, ErrMalformed) {
			t.Errorf("%v: got %v, want ErrMalformed", give, err)
		}
	}
}

func TestAddRefusesOverflowAndUnknownCells(t *testing.T) {
	v := New(2)
	for _, tt := range []struct {
		cell   int
		amount int64
		want   error
	}{
		{0, math.MaxInt64, nil}, {0, 1, ErrOverflow}, {0, 0, nil},
		{1, math.MinInt64, nil}, {1, -1, ErrOverflow}, {2, 1, ErrCell}, {-1, 1, ErrCell},
	} {
		if err := v.Add(tt.cell, tt.amount); !errors.Is(err, tt.want) {
			t.Errorf("Add(%d, %d): got %v, want %v", tt.cell, tt.amount, err, tt.want)
		}
	}
}

func TestExactSumsDoNotPrint(t *testing.T) {
	v := New(1)
	if err := v.Add(0, 424242); err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %s %d %x %v", v, v, v, v, v, v, struct{ V *Vector }{v})
	if strings.Contains(printed, "424242") || strings.Contains(printed, "67932") {
		t.Errorf("printed: %s", printed)
	}
	if b, err := json.Marshal(v); err == nil {
		t.Errorf("marshalled: %s", b)
	}
}

func TestNoiseNeedsATokenOfTheRelease(t *testing.T) {
	v := New(1)
	for _, token := range []*budget.Token{nil, {}} {
		if _, err := v.Noised(token, "r", func(int) float64 { return 1 }); !errors.Is(err, budget.ErrSpent) {
			t.Errorf("token %v: got %v, want ErrSpent", token, err)
		}
	}
}
