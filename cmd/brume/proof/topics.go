package proof

import (
	"context"
	"strings"

	"github.com/tink-crypto/tink-go/v2/tink"

	"brume/anonymize"
	"brume/anonymize/gate"
	"brume/internal/kafka"
	"brume/schemas/event"
	"brume/schemas/event/keyring"
	"brume/schemas/policy"
	"brume/schemas/topics"
)

// snapshots tries the year's part of every snapshot, old ones included.
func (y Year) snapshots(ctx context.Context) (Tried, error) {
	t := Tried{Topic: topics.Cohorts}
	for p := range y.Partitions {
		sections, err := anonymize.Sections(ctx, y.Kafka, p, y.Name())
		if err != nil {
			return t, err
		}
		for _, s := range sections {
			t.count(y.open(s.Sealed, s.Context))
		}
	}
	return t, nil
}

// partials tries the exact sums of the year's releases.
func (y Year) partials(ctx context.Context) (Tried, error) {
	return y.blobs(ctx, topics.Partials, func(plan *policy.Plan, name string) ([]byte, bool) {
		return gate.PartialContext(name, plan, y.Registry), strings.HasPrefix(name, y.Name()+"-")
	})
}

// noise tries what the year's streams drew.
func (y Year) noise(ctx context.Context) (Tried, error) {
	return y.blobs(ctx, topics.Streams, func(plan *policy.Plan, name string) ([]byte, bool) {
		return gate.NoiseContext(gate.Year{Plan: plan, Registry: y.Registry}, name)
	})
}

// blobs tries the blobs of a topic that are the year's: bound says so, and what
// one is bound to under a plan.
func (y Year) blobs(ctx context.Context, topic string, bound func(*policy.Plan, string) ([]byte, bool)) (Tried, error) {
	t := Tried{Topic: topic}
	var blobs kafka.Assembler
	err := y.read(ctx, topic, 0, func(r kafka.Record) {
		name, sealed, complete, err := blobs.Add(r.Value)
		if err != nil || !complete {
			return
		}
		var contexts [][]byte
		for _, plan := range y.Plans {
			if context, ours := bound(plan, name); ours {
				contexts = append(contexts, context)
			}
		}
		if len(contexts) > 0 {
			t.count(y.open(sealed, contexts...))
		}
	})
	return t, err
}

// statements tries every sealed statement; one that opens counts if it is of
// the year.
func (y Year) statements(ctx context.Context) (Tried, error) {
	t := Tried{Topic: topics.Statements}
	openers := y.openers()
	for p := range y.Partitions {
		err := y.read(ctx, topics.Statements, p, func(r kafka.Record) {
			if event.IsControl(r.Value) {
				return
			}
			opened := false
			for file, o := range openers {
				if e, err := o.Open(r.Value, p); err == nil && y.Plans[0].Policy.Holds(e.Hour) {
					y.guilty[file], opened = true, true
				}
			}
			t.count(opened)
		})
		if err != nil {
			return t, err
		}
	}
	return t, nil
}

func (t *Tried) count(opened bool) {
	t.Sealed++
	if opened {
		t.Opened++
	}
}

// read reads all that is left of a partition.
func (y Year) read(ctx context.Context, topic string, partition int, fn func(kafka.Record)) error {
	first, _, err := y.Kafka.Offsets(ctx, topic, partition)
	if err != nil {
		return err
	}
	_, err = y.Kafka.ReadAll(ctx, topic, partition, first, func(r kafka.Record) error { fn(r); return nil })
	return err
}

// openers returns one opener for each sealing key that was found.
func (y Year) openers() map[string]*event.Opener {
	openers := map[string]*event.Opener{}
	for _, f := range y.copies {
		if f.hybrid != nil {
			openers[f.file] = event.NewOpener(only{f})
		}
	}
	return openers
}

// only is one key: for its hour, or for any when its file's name tells none.
type only struct{ found }

// Private implements event.PrivateKeys.
func (o only) Private(hour int32) (tink.HybridDecrypt, error) {
	base := o.file[strings.LastIndexByte(o.file, '/')+1:]
	if own, named := keyring.SealingHour(base); named && own != hour {
		return nil, event.ErrKeyGone
	}
	return o.hybrid, nil
}
