// Package operate writes the operator's control records: everything that
// changes how the log is folded is said in the log, in every partition.
package operate

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"brume/anonymize/cohort"
	"brume/internal/crashpoint"
	"brume/internal/kafka"
	"brume/schemas/control"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

// Producer appends to a partition and returns after it is acknowledged.
type Producer interface {
	Produce(ctx context.Context, topic string, partition int, values ...[]byte) error
}

// Signer signs a control record for one partition.
type Signer interface {
	Sign(r control.Record, partition int) ([]byte, error)
}

// Operator writes control records to every partition. An error may leave them
// in some partitions only: writing them again is harmless and completes them.
type Operator struct {
	Producer   Producer
	Signer     Signer
	Partitions int
	Now        func() time.Time
}

// Configure says by which policy and registry a school year is folded.
func (o Operator) Configure(ctx context.Context, plan *policy.Plan, reg *registry.Registry) error {
	return o.Write(ctx, control.Record{
		Kind: control.Config, Year: plan.Policy.SchoolYear, PolicyHash: plan.PolicyHash,
		RegistryHash: reg.Hash(), FoldVersion: cohort.FoldVersion,
	})
}

// Close closes a window and all earlier ones of its cadence.
func (o Operator) Close(ctx context.Context, w policy.Window) error {
	return o.Write(ctx, control.Record{
		Kind: control.Close, Year: w.Year, Cadence: string(w.Cadence), Window: w.Label, Index: w.Index,
	})
}

// Heartbeat keeps every partition from being empty.
func (o Operator) Heartbeat(ctx context.Context) error {
	return o.Write(ctx, control.Record{Kind: control.Heartbeat})
}

// Gap lets one partition go on after what its log lost.
func (o Operator) Gap(ctx context.Context, partition int, loss kafka.Loss) error {
	return o.write(ctx, control.Record{
		Kind: control.Gap, From: loss.From, To: loss.To, Until: loss.Until.UTC(), Partition: partition, Issued: o.Now().UTC(),
	}, partition)
}

// Write signs the record for each partition and appends it there.
func (o Operator) Write(ctx context.Context, r control.Record) error {
	r.Partition, r.Issued = control.AllPartitions, o.Now().UTC()
	group, ctx := errgroup.WithContext(ctx)
	for p := range o.Partitions {
		group.Go(func() error { return o.write(ctx, r, p) })
	}
	return group.Wait()
}

// write signs the record for one partition and appends it there.
func (o Operator) write(ctx context.Context, r control.Record, partition int) error {
	value, err := o.Signer.Sign(r, partition)
	if err == nil {
		crashpoint.Hit("control.before")
		err = o.Producer.Produce(ctx, topics.Statements, partition, value)
	}
	if err != nil {
		return fmt.Errorf("writing %v to partition %d: %w", r.Kind, partition, err)
	}
	crashpoint.Hit("control.after")
	return nil
}
