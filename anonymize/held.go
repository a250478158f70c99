package anonymize

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

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

// Section is a year's part of a snapshot as it rests, sealed, with what it is
// bound to.
type Section struct{ Sealed, Context []byte }

// Sections returns every sealed part of a school year that topic cohorts still
// holds of a partition: those of older snapshots too, which the brokers have not
// deleted yet.
func Sections(ctx context.Context, client *kafka.Client, partition int, year string) ([]Section, error) {
	s := newSnapshots(&Service{Deps: Deps{Kafka: client}}, kafka.Assignment{Partition: partition})
	sealed, err := s.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("partition %d: %w", partition, err)
	}
	var sections []Section
	for name, payload := range sealed {
		if id, ok := strings.CutSuffix(name, "/"+year); ok {
			sections = append(sections, Section{payload, s.context(id, year)})
		}
	}
	return sections, nil
}
