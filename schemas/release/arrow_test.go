package release

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/google/go-cmp/cmp"
)

func example(cells int) *Release {
	r := &Release{
		ID: "2026-2027-w38", SchoolYear: "2026-2027", Cadence: "week", Window: "2026-W38",
		Start: "2026-09-14", End: "2026-09-20", PolicyHash: "aa", RegistryHash: "bb",
		Epsilon: 4, Delta: 1e-9, Incomplete: true,
	}
	for i := range cells {
		r.Cells = append(r.Cells, Cell{
			Family: "school_week_active", Area: fmt.Sprintf("%07dX", i), Level: "6e",
			Measure: "active", Value: int64(i) - 5, Sigma: 14.9,
		})
	}
	return r
}

func TestRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 3000} {
		want := example(n)
		payload, err := Encode(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(payload, Hash(payload))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%d cells (-got, +want):\n%s", n, diff)
		}
	}
}

func TestDecodeRefusesWhatWasNotCommitted(t *testing.T) {
	payload, err := Encode(example(10))
	if err != nil {
		t.Fatal(err)
	}
	committed := Hash(payload)
	for i := range payload {
		bad := bytes.Clone(payload)
		bad[i] ^= 1
		if _, err := Decode(bad, committed); !errors.Is(err, ErrHash) {
			t.Fatalf("byte %d flipped: got %v, want ErrHash", i, err)
		}
		if _, err := Decode(payload[:i], committed); !errors.Is(err, ErrHash) {
			t.Fatalf("cut at byte %d: got %v, want ErrHash", i, err)
		}
	}
}

func TestDecodeRefusesOtherFormats(t *testing.T) {
	var other bytes.Buffer
	w := ipc.NewWriter(&other, ipc.WithSchema(arrow.NewSchema(nil, nil)))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, payload := range map[string][]byte{"no Arrow": []byte("hello"), "another schema": other.Bytes(), "nothing": nil} {
		if _, err := Decode(payload, Hash(payload)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
