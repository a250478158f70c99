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
	in, err := g.open(id, layout.Len(), y.Facts.Partitions)
	if err != nil {
		return err
	}
	crashpoint.Hit("gate.reserve.before")
	token, err := g.book.Reserve(ctx, ledger.Reserved{
		Release: id, Year: w.Year, Window: w.Label, Plan: y.Plan.PolicyHash,
		Costs: budget.Costs(y.Plan, w), Inputs: in.digests,
	})
	if err != nil {
		return err
	}
	crashpoint.Hit("gate.reserve.after")
	payload, err := draw(token, in, id, y, w, layout)
	if err != nil {
		return err
	}
	c, err := g.commit(ctx, id, payload, in.incomplete)
	if err != nil {
		return err
	}
	return g.publish(ctx, c)
}

// inputs are the exact sums of a release over all partitions.
type inputs struct {
	sums       *exact.Vector
	digests    []ledger.Hash // under the gate key, one for each partition
	incomplete bool          // a partition had lost statements
}

// open adds up the partials of every partition. Partials of one partition that
// differ are an alarm. Only a gap may have come between: a partition that sent
// its sums, lost its log and had not yet saved that they were sent sends zeros
// after them. What came first counts, for every gate that ever reads them.
func (g *Gate) open(id string, cells, partitions int) (inputs, error) {
	key, err := g.keys.ReleaseKey(id)
	if err != nil {
		return inputs{}, err
	}
	in := inputs{sums: exact.New(cells), digests: make([]ledger.Hash, partitions)}
	for p := range partitions {
		forms := g.partials.sealed[id][p]
		for i, form := range forms {
			sums, err := exact.Open(key, form.sealed, []byte(form.name), cells)
			if err != nil {
				return inputs{}, fmt.Errorf("partition %d: %w", p, err)
			}
			digest := g.digest(sums, form.name)
			switch {
			case form.gapped() && digest != g.digest(exact.New(cells), form.name):
				err = ErrGapped
			case i == 0:
				in.digests[p], in.incomplete = digest, in.incomplete || form.gapped()
				err = in.sums.Merge(sums)
			case form.gapped() == forms[0].gapped() && digest != in.digests[p]:
				err = ErrConflict
			}
			if err != nil {
				return inputs{}, fmt.Errorf("partition %d: %w", p, err)
			}
		}
	}
	return in, nil
}

func (g *Gate) digest(sums *exact.Vector, name string) ledger.Hash {
	return sums.MAC(g.keys.InputsMAC, []byte(name))
}

// draw noises the sums, once, and encodes the release.
func draw(token *budget.Token, in inputs, id string, y Year, w policy.Window, layout *policy.Layout) ([]byte, error) {
	cells := layout.Cells()
	values, err := in.sums.Noised(token, id, func(i int) float64 { return cells[i].Sigma })
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
		Epsilon: p.Epsilon, Delta: p.Delta, Incomplete: in.incomplete, Cells: cells,
	})
}

// commit rests the draft under a key of its own and commits its hash. It
// returns the commitment that is valid, which may be another gate's.
func (g *Gate) commit(ctx context.Context, id string, payload []byte, incomplete bool) (ledger.Committed, error) {
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
		Release: id, Payload: release.Hash(payload), Draft: d.name, DraftKey: d.wrapped, Incomplete: incomplete,
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
