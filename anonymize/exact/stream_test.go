package exact

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"brume/anonymize/budget"
)

func TestSealedNoiseWeighsAsItWasDrawn(t *testing.T) {
	drawn := &Noise{[]float64{9, -1.5, math.Pi, 7}}
	sealed, err := drawn.Seal(glass{}, []byte("d"), 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 3} {
		if _, err := OpenNoise(glass{}, sealed, []byte("d"), n); !errors.Is(err, ErrMalformed) {
			t.Errorf("%d cells: got %v, want ErrMalformed", n, err)
		}
	}
	if _, err := OpenNoise(glass{}, sealed, []byte("e"), 2); err == nil {
		t.Error("opened for another draft")
	}
	back, err := OpenNoise(glass{}, sealed, []byte("d"), 2)
	if err != nil {
		t.Fatal(err)
	}
	past := NewPast(2)
	if err := errors.Join(past.Add(1, 1, back, 0), past.Add(1, 0.5, back, 1)); err != nil {
		t.Fatal(err)
	}
	if want := -1.5 + math.Pi/2; past.sums[0] != 0 || math.Abs(past.sums[1]-want) > 1e-12 {
		t.Errorf("past %v, want 0 and %v", past.sums, want)
	}
	for _, at := range [][2]int{{-1, 0}, {2, 0}, {0, -1}, {0, 2}} {
		if err := past.Add(at[0], 1, back, at[1]); !errors.Is(err, ErrCell) {
			t.Errorf("Add%v: got %v, want ErrCell", at, err)
		}
	}
}

// ★ Who has a value and its noise has the exact sum: noise hides as sums do.
func TestNoiseDoesNotPrint(t *testing.T) {
	for _, v := range []any{&Noise{[]float64{424242}}, &Past{[]float64{424242}}} {
		printed := fmt.Sprintf("%v %+v %#v %s %g %x %v", v, v, v, v, v, v, struct{ V any }{v})
		if strings.Contains(printed, "424242") || strings.Contains(printed, "4.24242") {
			t.Errorf("printed: %s", printed)
		}
		if b, err := json.Marshal(v); err == nil {
			t.Errorf("marshalled: %s", b)
		}
	}
}

func TestAStepNeedsATokenAndItsPast(t *testing.T) {
	sigma := func(int) float64 { return 1 }
	if _, _, err := New(1).NoisedStep(&budget.Token{}, "r", sigma, NewPast(1)); !errors.Is(err, budget.ErrSpent) {
		t.Errorf("got %v, want ErrSpent", err)
	}
	if _, _, err := New(1).NoisedStep(&budget.Token{}, "r", sigma, NewPast(2)); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v, want ErrMalformed", err)
	}
}
