package gate

import (
	"context"
	"errors"
	"fmt"

	"brume/anonymize/budget"
	"brume/anonymize/exact"
	"brume/anonymize/keys"
	"brume/internal/crashpoint"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/release"
	"brume/schemas/topics"
)

// release takes one window through the door: world, reserve, draw, commit,
// publish.
func (g *Gate) release(ctx context.Context, id string, y Year, w policy.Window) error {
	if err := g.checkWorld(ctx); err != nil {
		return err
	}
	if c, done := g.book.Chain.Committed(id); done {
		return g.publish(ctx, c)
	}
	layout := y.Plan.Layout(y.Registry, w)
	sums, inputs, err := g.open(id, layout.Len(), y.Facts.Partitions)
	if err != nil {
		return err
	}
	crashpoint.Hit("gate.reserve.before")
	token, err := g.book.Reserve(ctx, ledger.Reserved{
		Release: id, Year: w.Year, Window: w.Label, Plan: y.Plan.PolicyHash,
		Costs: budget.Costs(y.Plan, w), Inputs: inputs,
	})
	if err != nil {
		return err
	}
	crashpoint.Hit("gate.reserve.after")
	payload, err := draw(token, sums, id, y, w, layout)
	if err != nil {
		return err
	}
	c, err := g.commit(ctx, id, payload)
	if err != nil {
		return err
	}
	return g.publish(ctx, c)
}

// open adds up the partials of every partition and returns their digests
// under the gate key. Partials of one partition that differ are an alarm.
func (g *Gate) open(id string, cells, partitions int) (*exact.Vector, []ledger.Hash, error) {
	key, err := g.keys.ReleaseKey(id)
	if err != nil {
		return nil, nil, err
	}
	total := exact.New(cells)
	inputs := make([]ledger.Hash, partitions)
	for p := range partitions {
		context := []byte(PartialName(id, p))
		for i, sealed := range g.partials.sealed[id][p] {
			sums, err := exact.Open(key, sealed, context, cells)
			if err != nil {
				return nil, nil, fmt.Errorf("partition %d: %w", p, err)
			}
			digest := ledger.Hash(sums.MAC(g.keys.InputsMAC, context))
			switch {
			case i == 0:
				inputs[p] = digest
				err = total.Merge(sums)
			case inputs[p] != digest:
				err = ErrConflict
			}
			if err != nil {
				return nil, nil, fmt.Errorf("partition %d: %w", p, err)
			}
		}
	}
	return total, inputs, nil
}

// draw noises the sums, once, and encodes the release.
func draw(token *budget.Token, sums *exact.Vector, id string, y Year, w policy.Window, layout *policy.Layout) ([]byte, error) {
	cells := layout.Cells()
	values, err := sums.Noised(token, id, func(i int) float64 { return cells[i].Sigma })
	if err != nil {
		return nil, err
	}
	for i := range cells {
		cells[i].Value = values[i]
	}
	p := y.Plan.Policy
	return release.Encode(&release.Release{
		ID: release.ID(id), SchoolYear: w.Year, Cadence: string(w.Cadence), Window: w.Label,
		Start: w.Start.Format("2006-01-02"), End: w.End.AddDate(0, 0, -1).Format("2006-01-02"),
		PolicyHash: ledger.Hash(y.Plan.PolicyHash).String(), RegistryHash: ledger.Hash(y.Registry.Hash()).String(),
		Epsilon: p.Epsilon, Delta: p.Delta, Cells: cells,
	})
}

// commit rests the draft under a key of its own and commits its hash. It
// returns the commitment that is valid, which may be another gate's.
func (g *Gate) commit(ctx context.Context, id string, payload []byte) (ledger.Committed, error) {
	releaseKey, err := g.keys.ReleaseKey(id)
	if err != nil {
		return ledger.Committed{}, err
	}
	d, err := newDraft(id, payload, releaseKey)
	if err != nil {
		return ledger.Committed{}, err
	}
	if err := g.log.Produce(ctx, topics.Drafts, 0, d.chunks...); err != nil {
		return ledger.Committed{}, fmt.Errorf("resting the draft: %w", err)
	}
	crashpoint.Hit("gate.draft.after")
	c, err := g.book.Commit(ctx, ledger.Committed{
		Release: id, Payload: release.Hash(payload), Draft: d.name, DraftKey: d.wrapped,
	})
	crashpoint.Hit("gate.commit.after")
	return c, err
}

// publish copies the committed draft to the public topic unless it is there,
// and destroys the key of the release's partials and drafts.
func (g *Gate) publish(ctx context.Context, c ledger.Committed) error {
	if err := g.world.read(ctx, g.log); err != nil {
		return err
	}
	if !g.world.holds(c) {
		if err := g.copyUnlessOvertaken(ctx, c); err != nil {
			return fmt.Errorf("publishing %s: %w", c.Release, err)
		}
		g.logger.Info("released", "release", c.Release)
	}
	crashpoint.Hit("gate.destroy.before")
	return g.keys.DestroyReleaseKey(c.Release)
}

// copyUnlessOvertaken copies the committed draft. Where the key is gone another
// gate has copied it since we looked: the key outlives the copying only then.
func (g *Gate) copyUnlessOvertaken(ctx context.Context, c ledger.Committed) error {
	err := g.copy(ctx, c)
	if errors.Is(err, keys.ErrDestroyed) {
		if err := g.world.read(ctx, g.log); err != nil {
			return err
		}
		if g.world.holds(c) {
			return nil
		}
	}
	return err
}

// overtaken finishes a release that failed because another gate took it
// through the door at the same time; why is returned unless one did.
func (g *Gate) overtaken(ctx context.Context, id string, why error) error {
	if !errors.Is(why, keys.ErrDestroyed) && !errors.Is(why, ledger.ErrTwice) {
		return why
	}
	if err := g.book.Sync(ctx); err != nil {
		return err
	}
	c, done := g.book.Chain.Committed(id)
	if !done {
		return why
	}
	return g.publish(ctx, c)
}
