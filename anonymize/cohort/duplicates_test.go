package cohort

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// remembered is what duplicates should know, one map for each hour.
type remembered struct {
	segments map[int64]map[uint64]bool
	newest   int64
}

func (r *remembered) seen(fingerprint uint64, hour int64) bool {
	r.newest = max(r.newest, hour)
	maps.DeleteFunc(r.segments, func(h int64, _ map[uint64]bool) bool { return h <= r.newest-keepHours })
	for _, segment := range r.segments {
		if segment[fingerprint] {
			return true
		}
	}
	if r.segments[r.newest] == nil {
		r.segments[r.newest] = map[uint64]bool{}
	}
	r.segments[r.newest][fingerprint] = true
	return false
}

func (r *remembered) hours() (hours []int64, fingerprints [][]uint64) {
	for _, h := range slices.Sorted(maps.Keys(r.segments)) {
		hours, fingerprints = append(hours, h), append(fingerprints, slices.Sorted(maps.Keys(r.segments[h])))
	}
	return hours, fingerprints
}

// Whatever the order and the distance of hours, the index answers as maps
// would, past every sweep and every turn of the tags.
func TestDuplicatesAnswerAsMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, r := newDuplicates(), &remembered{segments: map[int64]map[uint64]bool{}}
		hour := rapid.Int64Range(0, 1_000_000).Draw(t, "first hour")
		for range rapid.IntRange(1, 40).Draw(t, "stretches") {
			hour = max(0, hour+rapid.SampledFrom([]int64{-3, 0, 1, 1, 2, 20, 60, 71, 72, 73, 200, 255, 256}).Draw(t, "hours"))
			first := rapid.Uint64Range(0, 400).Draw(t, "first")
			for i := range rapid.Uint64Range(0, 200).Draw(t, "statements") {
				// Three shards, and neighbours in them.
				f := (first+i)%3<<56 | (first+i)*0x9e3779b97f4a7c15>>8
				if got, want := d.seen(f, hour), r.seen(f, hour); got != want {
					t.Fatalf("%#x in hour %d: seen %v, want %v", f, hour, got, want)
				}
			}
		}
		gotHours, got := d.hours()
		wantHours, want := r.hours()
		if diff := cmp.Diff(gotHours, wantHours) + cmp.Diff(got, want); diff != "" {
			t.Fatalf("(-got, +want):\n%s", diff)
		}
	})
}
