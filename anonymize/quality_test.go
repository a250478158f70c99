package anonymize

import (
	"encoding/json/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brume/anonymize/cohort"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/quality"
	"brume/schemas/topics"
)

// The topic quality holds the counts of each partition: they never go down,
// and after the drain the last ones are those of all that was written.
func TestCountsReachTheTopic(t *testing.T) {
	testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
		s := newSite(t, cfg, 2)
		steps := s.history(6)
		want := s.reference(steps)
		i := s.start(nil)
		s.write(steps...)
		s.asReferred(want, i)
		s.check(i.stop())
		last := map[int]quality.Folding{}
		for _, value := range s.values(topics.Quality, 0) {
			var q quality.Folding
			s.check(json.Unmarshal(value, &q, json.RejectUnknownMembers(true)))
			before := last[q.Partition]
			if q.Service != quality.Service || q.Next < before.Next || q.Folded < before.Folded || q.Duplicates < before.Duplicates || q.Until.IsZero() {
				t.Errorf("%+v after %+v", q, before)
			}
			last[q.Partition] = q
		}
		var sum cohort.Counts
		for p := range s.partitions {
			_, end, err := s.client.Offsets(s.ctx(), topics.Statements, p)
			s.check(err)
			if last[p].Next != end {
				t.Errorf("partition %d: counted up to %d of %d", p, last[p].Next, end)
			}
			q := last[p]
			sum.Add(cohort.Counts{Folded: q.Folded, Duplicates: q.Duplicates, Late: q.Late, Dropped: q.Dropped, Publishers: q.Publishers})
		}
		if diff := cmp.Diff(sum, want.counts); diff != "" {
			t.Errorf("(-got, +want)\n%s", diff)
		}
	})
}
