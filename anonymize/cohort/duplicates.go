package cohort

import (
	"maps"
	"slices"
)

// keepHours is how long a fingerprint is remembered, by log time. A repeat
// that comes later may count again, within the caps.
const keepHours = 72

// duplicates remembers the fingerprints of the last keepHours in one segment
// for each hour of log time, across window closes.
type duplicates struct {
	segments map[int64]map[uint64]struct{}
	newest   int64
}

func newDuplicates() *duplicates {
	return &duplicates{segments: map[int64]map[uint64]struct{}{}}
}

// seen says whether the fingerprint was recorded before, and records it.
func (d *duplicates) seen(fingerprint uint64, hour int64) bool {
	d.forget(hour)
	for _, segment := range d.segments {
		if _, ok := segment[fingerprint]; ok {
			return true
		}
	}
	segment := d.segments[d.newest]
	if segment == nil {
		segment = map[uint64]struct{}{}
		d.segments[d.newest] = segment
	}
	segment[fingerprint] = struct{}{}
	return false
}

// forget advances the newest hour, which never goes back, and drops segments
// that are too old.
func (d *duplicates) forget(hour int64) {
	if hour <= d.newest {
		return
	}
	d.newest = hour
	maps.DeleteFunc(d.segments, func(h int64, _ map[uint64]struct{}) bool { return h <= hour-keepHours })
}

// hours returns the hours that have a segment, ascending.
func (d *duplicates) hours() []int64 { return slices.Sorted(maps.Keys(d.segments)) }
