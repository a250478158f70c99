package rights

import (
	"context"
	"fmt"
	"time"

	"brume/cmd/internal/operate"
	"brume/internal/kafka"
	"brume/schemas/control"
	"brume/schemas/topics"
)

// Request writes an OBJECT or ERASE for each name: into the register first, so
// that nothing is ever applied that it does not know, then into every partition.
// Writing it again is harmless.
func Request(ctx context.Context, o operate.Operator, kind control.Kind, names []Name) ([]Entry, error) {
	var entries []Entry
	for _, n := range names {
		r := control.Record{Kind: kind, Year: n.Year, Token: n.Token, Partition: control.AllPartitions, Issued: o.Now().UTC()}
		if err := note(ctx, o, r); err != nil {
			return entries, err
		}
		if err := o.Write(ctx, r); err != nil {
			return entries, err
		}
		entries = append(entries, entryOf(r))
	}
	return entries, nil
}

// Repeat writes the requests of the register into every partition again, for a
// log that lost them.
func Repeat(ctx context.Context, o operate.Operator, entries []Entry) error {
	for _, e := range entries {
		if err := o.Write(ctx, e.record); err != nil {
			return err
		}
	}
	return nil
}

// note signs a request and rests it in the register.
func note(ctx context.Context, o operate.Operator, r control.Record) error {
	value, err := o.Signer.Sign(r, registerPartition)
	if err == nil {
		err = o.Producer.Produce(ctx, topics.Requests, 0, value)
	}
	if err != nil {
		return fmt.Errorf("noting the request in the register: %w", err)
	}
	return nil
}

// Applied waits until every partition has applied all that its log holds now,
// durably: the group's positions are committed after snapshots. It returns the
// partitions that have not in time.
func Applied(ctx context.Context, client *kafka.Client, group string, partitions int, limit time.Duration) (behind []int, err error) {
	ends := make([]int64, partitions)
	for p := range ends {
		if _, ends[p], err = client.Offsets(ctx, topics.Statements, p); err != nil {
			return nil, err
		}
	}
	deadline := time.Now().Add(limit)
	for {
		positions, err := client.Committed(ctx, group, topics.Statements)
		if err != nil {
			return nil, err
		}
		behind = behind[:0]
		for p, end := range ends {
			if positions[p] < end {
				behind = append(behind, p)
			}
		}
		if len(behind) == 0 || !time.Now().Before(deadline) {
			return behind, nil
		}
		select {
		case <-ctx.Done():
			return behind, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
