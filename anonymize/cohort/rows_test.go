package cohort

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// Rows of any length, replaced and grown in any order, are what was put last,
// followed by nothing of what lay there before.
func TestRowsAnswerAsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, want := &rows{}, map[uint32][]byte{}
		for range rapid.IntRange(1, 300).Draw(t, "puts") {
			pupil := rapid.Uint32Range(0, 40).Draw(t, "pupil")
			n := rapid.SampledFrom([]int{1, 2, 4, 5, 30, 127, 128, 129, 256, 300, 5000, 70_000}).Draw(t, "bytes")
			want[pupil] = bytes.Repeat([]byte{byte(rapid.IntRange(1, 255).Draw(t, "value"))}, n)
			r.put(pupil, want[pupil])
		}
		for pupil := range uint32(45) {
			got := r.get(pupil)
			if n := len(want[pupil]); !bytes.HasPrefix(got, want[pupil]) || len(bytes.Trim(got[n:], "\x00")) > 0 || (got == nil) != (n == 0) {
				t.Fatalf("pupil %d: %d bytes, want %d and nothing after them", pupil, len(got), n)
			}
		}
		if r.n != len(want) {
			t.Fatalf("%d rows, want %d", r.n, len(want))
		}
	})
}

// What append packs, parse unpacks; what is cut or out of range is no row.
func TestRowsPack(t *testing.T) {
	y := fullYear(t)
	s := y.cadences[weekly].shape
	rapid.Check(t, func(t *rapid.T) {
		var r, back row
		r.reset(s)
		r.home = rapid.Int32Range(erased, int32(len(y.Registry.Schools))-1).Draw(t, "home")
		for i := range s {
			for cell := range min(s[i].domain, uint32(rapid.IntRange(0, s[i].k).Draw(t, "cells"))) {
				c := slot{cell: cell}
				count := rapid.Uint32Range(0, most)
				if s[i].outcomes {
					c.outcomes = [2]uint32{count.Draw(t, "successes"), count.Draw(t, "failures")}
				}
				if s[i].minutes {
					c.seconds = count.Draw(t, "seconds")
				}
				if s[i].scores {
					c.scores[rapid.IntRange(0, scoreBins-1).Draw(t, "bin")] = count.Draw(t, "scores")
				}
				r.cells[i] = append(r.cells[i], c)
			}
		}
		packed := r.append(nil, s)
		n, ok := back.parse(append(packed, 0, 0), s, len(y.Registry.Schools))
		if !ok || n != len(packed) || !bytes.Equal(back.append(nil, s), packed) {
			t.Fatalf("unpacked otherwise: %v, %d of %d bytes", ok, n, len(packed))
		}
		if _, ok := back.parse(packed[:rapid.IntRange(0, len(packed)-1).Draw(t, "cut")], s, len(y.Registry.Schools)); ok {
			t.Fatal("a cut row is taken")
		}
		if _, ok := back.parse(packed, s, int(r.home)); ok && r.home > 0 {
			t.Fatal("a school that is not there is taken")
		}
	})
}
