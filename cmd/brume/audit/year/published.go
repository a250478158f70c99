package year

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"time"

	"brume/cmd/brume/audit"
	"brume/cmd/brume/audit/privacy"
	"brume/cmd/brume/audit/truth"
	"brume/cmd/internal/single"
	"brume/internal/kafka"
	"brume/schemas/policy"
	"brume/schemas/release"
	"brume/schemas/topics"
)

// published reads the releases topic as it grows.
type published struct {
	brume    *single.Brume
	offset   int64
	chunks   kafka.Assembler
	releases int
}

// next takes releases until each of those that are awaited came; any other is
// a fault, and so is a second one of the same name.
func (p *published) next(ctx context.Context, awaited map[string][2]truth.Sums, a *privacy.Auditor) error {
	for {
		err := p.read(ctx, func(name string, payload []byte) error {
			sums, ok := awaited[name]
			if !ok {
				return fmt.Errorf("release %s: %w", name, privacy.ErrTwice)
			}
			delete(awaited, name)
			r, err := p.decode(ctx, name, payload)
			if err != nil {
				return err
			}
			p.releases++
			return a.Take(r, sums[0], sums[1])
		})
		if err != nil || len(awaited) == 0 {
			return err
		}
		if err := p.pause(ctx); err != nil {
			return err
		}
	}
}

// read reads on to the end of the topic.
func (p *published) read(ctx context.Context, take func(name string, payload []byte) error) (err error) {
	type whole struct {
		name    string
		payload []byte
	}
	var all []whole
	p.offset, err = p.brume.Kafka.ReadAll(ctx, topics.Releases, 0, p.offset, func(r kafka.Record) error {
		name, payload, complete, err := p.chunks.Add(r.Value)
		if err == nil && complete {
			all = append(all, whole{name, bytes.Clone(payload)})
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("reading releases: %w", err)
	}
	for _, w := range all {
		if err := take(w.name, w.payload); err != nil {
			return err
		}
	}
	return nil
}

// decode opens the release that the ledger committed under the name.
func (p *published) decode(ctx context.Context, name string, payload []byte) (*release.Release, error) {
	l, err := p.ledger(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range l.Entries {
		if e.Reserved.Release == name && e.Committed != nil {
			return release.Decode(payload, e.Committed.Payload)
		}
	}
	return nil, fmt.Errorf("release %s: published, but not committed", name)
}

func (p *published) ledger(ctx context.Context) (*audit.Ledger, error) {
	values, err := audit.Values(ctx, p.brume.Kafka)
	if err != nil {
		return nil, err
	}
	return audit.ReadLedger(values, p.brume.LedgerVerifier()), nil
}

// charged is the μ that the ledger has charged the pupils of the zone that paid
// most.
func (p *published) charged(ctx context.Context, plan *policy.Plan) (mu float64, err error) {
	l, err := p.ledger(ctx)
	if err != nil {
		return 0, err
	}
	zones := map[string]int64{}
	for _, e := range l.Entries {
		for _, c := range e.Reserved.Costs {
			if e.Reserved.Year == plan.Policy.SchoolYear {
				zones[c.Zone] += c.Nano
			}
		}
	}
	for _, nano := range zones {
		mu = max(mu, math.Sqrt(float64(nano)*1e-9))
	}
	return mu, nil
}

// pause waits a moment, and fails when a partition has stopped.
func (p *published) pause(ctx context.Context) error {
	for partition, st := range p.brume.Anonymizer.Status() {
		if st.Stopped != nil {
			return fmt.Errorf("partition %d: %w", partition, st.Stopped)
		}
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}
