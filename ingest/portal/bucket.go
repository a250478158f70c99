package portal

import (
	"time"

	"brume/schemas/quality"
)

// counters is what happened to a publisher's statements in some time.
type counters struct {
	Accepted  int64
	Refused   int64
	Postponed int64
	ByCode    map[string]int64 // refused and postponed
	Dropped   map[string]int64 // accepted and not sent on
	Unmapped  map[string]int64
	Fate      quality.Fate // what anonymize did with them
}

// maxKinds bounds the codes and reasons of one bucket: only a broken record
// has more.
const maxKinds = 128

func merge(to *map[string]int64, from map[string]int64) {
	for k, n := range from {
		if *to == nil {
			*to = map[string]int64{}
		}
		if _, known := (*to)[k]; known || len(*to) < maxKinds {
			(*to)[k] += n
		}
	}
}

func (c *counters) add(o *counters) {
	c.Accepted += o.Accepted
	c.Refused += o.Refused
	c.Postponed += o.Postponed
	merge(&c.ByCode, o.ByCode)
	merge(&c.Dropped, o.Dropped)
	merge(&c.Unmapped, o.Unmapped)
	c.Fate.Folded += o.Fate.Folded
	c.Fate.Duplicates += o.Fate.Duplicates
	c.Fate.Late += o.Fate.Late
	merge(&c.Fate.Dropped, o.Fate.Dropped)
}

// bucket is the counters of one hour or day.
type bucket struct {
	start time.Time
	counters
}

// buckets are in the order of time.
type buckets []*bucket

// add counts in the bucket that begins at start; made says that it is new.
func (b *buckets) add(start time.Time, c *counters) (made bool) {
	i := len(*b)
	for i > 0 && (*b)[i-1].start.After(start) {
		i--
	}
	if i == 0 || !(*b)[i-1].start.Equal(start) {
		*b = append(*b, nil)
		copy((*b)[i+1:], (*b)[i:])
		(*b)[i] = &bucket{start: start}
		i, made = i+1, true
	}
	(*b)[i-1].add(c)
	return made
}

// forget drops what begins before an instant and returns how many that were.
func (b *buckets) forget(before time.Time) (n int) {
	for n < len(*b) && (*b)[n].start.Before(before) {
		n++
	}
	*b = append(buckets(nil), (*b)[n:]...)
	return n
}

// since adds up the buckets that begin at an instant or later.
func (b buckets) since(from time.Time) (sum counters) {
	for _, x := range b {
		if !x.start.Before(from) {
			sum.add(&x.counters)
		}
	}
	return sum
}

// series is what is remembered of one publisher's key kind, or of one number.
type series struct {
	hours, days buckets
	last        time.Time
	samples     map[string]quality.Sample
}

func (s *series) sampled(samples map[string]quality.Sample) {
	if s.samples == nil && len(samples) > 0 {
		s.samples = map[string]quality.Sample{}
	}
	for code, sample := range samples {
		if _, known := s.samples[code]; known || len(s.samples) < maxKinds {
			s.samples[code] = sample
		}
	}
}
