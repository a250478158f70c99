package anonymize

import (
	"context"
	"encoding/json/v2"

	"brume/schemas/quality"
	"brume/schemas/topics"
)

// count writes the partition's counts to the topic quality. A record that
// cannot be produced is missed by nobody: the next one says all.
func (w *worker) count(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, tellFor)
	defer cancel()
	c := w.state.Counts()
	value, err := json.Marshal(quality.Folding{Service: quality.Service, Partition: w.number, Next: w.state.Next(), Until: w.Now().UTC(),
		Fate: quality.Fate{Folded: c.Folded, Duplicates: c.Duplicates, Late: c.Late, Dropped: c.Dropped}, Publishers: c.Publishers})
	if err == nil {
		err = w.Kafka.Produce(ctx, topics.Quality, 0, value)
	}
	if err != nil {
		w.Log.Warn("counts not written", "partition", w.number, "error", err)
	}
}
