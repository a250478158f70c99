package anonymize

import (
	"context"
	"fmt"
	"log/slog"

	"brume/anonymize/cohort"
	"brume/internal/kafka"
	"brume/schemas/topics"
)

// Saved opens the newest snapshot of a partition, for those who must say what
// is held of a pupil. It changes nothing. Behind is how many records the log
// holds beyond the snapshot.
func Saved(ctx context.Context, client *kafka.Client, k Keys, env cohort.Env, partition int, log *slog.Logger) (p *cohort.Partition, behind int64, err error) {
	s := newSnapshots(&Service{Deps: Deps{Kafka: client, Keys: k, Env: env, Log: log}}, kafka.Assignment{Partition: partition})
	if p, err = s.restore(ctx); err != nil {
		return nil, 0, fmt.Errorf("partition %d: %w", partition, err)
	}
	_, next, err := client.Offsets(ctx, topics.Statements, partition)
	if err != nil {
		return nil, 0, err
	}
	return p, next - p.Next(), nil
}
