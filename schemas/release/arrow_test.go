package release

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
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
		got, err := Decode(payload)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%d cells (-got, +want):\n%s", n, diff)
		}
	}
}

func TestDecodeRefusesCutStreams(t *testing.T) {
	payload, err := Encode(example(10))
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(payload) - 8 { // the last eight bytes only mark the end
		if _, err := Decode(payload[:n]); err == nil {
			t.Errorf("cut at byte %d of %d: accepted", n, len(payload))
		}
	}
}

func FuzzDecode(f *testing.F) {
	payload, err := Encode(example(2))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(payload)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Decode(b)
		if err != nil {
			return
		}
		payload, err := Encode(r)
		if err != nil {
			t.Fatalf("what was decoded does not encode: %v", err)
		}
		again, err := Decode(payload)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(again, r, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-again, +first):\n%s", diff)
		}
	})
}
