package anonymize

import (
	"context"
	"encoding/json/v2"
	"time"

	"brume/anonymize/cohort"
	"brume/schemas/topics"
)

// Quality is one record of the topic quality: what became of the statements of
// one partition up to an offset, since the partition's beginning. The counts
// belong to the snapshot of that offset: of several records of an offset any
// one says all. It counts statements, never people.
type Quality struct {
	Service   string    `json:"service"` // "anonymize"; ingest's records name an instance
	Partition int       `json:"partition"`
	Next      int64     `json:"next"` // offset of the first record that is not in the counts
	Until     time.Time `json:"until"`
	cohort.Counts
}

// count writes the partition's counts to the topic quality. A record that
// cannot be produced is missed by nobody: the next one says all.
func (w *worker) count(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, tellFor)
	defer cancel()
	value, err := json.Marshal(Quality{"anonymize", w.number, w.state.Next(), w.Now().UTC(), w.state.Counts()})
	if err == nil {
		err = w.Kafka.Produce(ctx, topics.Quality, 0, value)
	}
	if err != nil {
		w.Log.Warn("counts not written", "partition", w.number, "error", err)
	}
}
