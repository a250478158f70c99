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
	in, err := g.open(id, y, layout.Len())
	if err != nil {
		return err
	}
	if w.Cadence == policy.YearStream && in.incomplete {
		return errGap
	}
	crashpoint.Hit("gate.reserve.before", id)
	token, err := g.book.Reserve(ctx, reservation(id, y, w, in))
	if err != nil {
		return err
	}
	crashpoint.Hit("gate.reserve.after", id)
	cells := layout.Cells()
	st, err := g.step(ctx, y, w, layout, cells)
	if err != nil {
		return err
	}
	value, err := draw(token, in, id, y, w, cells, st)
	if err != nil {
		return err
	}
	c, err := g.commit(ctx, id, y, w, value, st)
	if err != nil {
		return err
	}
	return g.publish(ctx, c)
}

// reservation says what a release costs, and what it is made of.
func reservation(id string, y Year, w policy.Window, in inputs) ledger.Reserved {
	r := ledger.Reserved{
		Release: id, Year: w.Year, Window: w.Label, Plan: y.Plan.PolicyHash,
		Costs: budget.Costs(y.Plan, w), Inputs: in.digests, Streams: budget.Streams(y.Plan, w),
	}
	if len(r.Streams) > 0 {
		r.Step = w.Index + 1
	}
	return r
}

// inputs are the exact sums of a release over all partitions.
type inputs struct {
	sums       *exact.Vector
	digests    []ledger.Hash // keyed by the year, one for each partition
	incomplete bool          // a partition had lost statements
}

// open adds up the partials of every partition. Partials of one partition that
// differ are an alarm. Only a gap may have come between: a partition that sent
// its sums, lost its log and had not yet saved that they were sent sends zeros
// after them. What came first counts, for every gate that ever reads them.
func (g *Gate) open(id string, y Year, cells int) (inputs, error) {
	partitions := y.Facts.Partitions
	key, err := g.keys.ReleaseKey(id)
	if err != nil {
		return inputs{}, err
	}
	mac, err := g.keys.InputsMAC(y.Plan.Policy.SchoolYear)
	if err != nil {
		return inputs{}, err
	}
	digestOf := func(sums *exact.Vector, name string) ledger.Hash { return sums.MAC(mac, []byte(name)) }
	in := inputs{sums: exact.New(cells), digests: make([]ledger.Hash, partitions)}
	for p := range partitions {
		forms := g.partials.sealed[id][p]
		for i, form := range forms {
			sums, err := exact.Open(key, form.sealed, PartialContext(form.name, y.Plan, y.Registry), cells)
			if err != nil {
				return inputs{}, fmt.Errorf("partition %d: %w: %w", p, ErrPlan, err)
			}
			digest := digestOf(sums, form.name)
			switch {
			case form.gapped() && digest != digestOf(exact.New(cells), form.name):
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

// value is a noised release, before it is committed.
type value struct {
	payload    []byte
	incomplete bool
	noise      *exact.Noise // of a step of year streams: what it drew
}

// draw noises the sums, once, and encodes the release. The deviation of a step's
// own draws is its plan's; that of the cells is all their noise's.
func draw(token *budget.Token, in inputs, id string, y Year, w policy.Window, cells []release.Cell, st *step) (v value, err error) {
	v.incomplete = in.incomplete
	var values []int64
	if st == nil {
		values, err = in.sums.Noised(token, id, func(i int) float64 { return cells[i].Sigma })
	} else {
		values, v.noise, err = in.sums.NoisedStep(token, id, st.sigma, st.past)
	}
	if err != nil {
		return v, err
	}
	for i := range cells {
		cells[i].Value = values[i]
	}
	p := y.Plan.Policy
	v.payload, err = release.Encode(&release.Release{
		ID: release.ID(id), SchoolYear: w.Year, Cadence: string(w.Cadence), Window: w.Label,
		Start: w.Start.Format("2006-01-02"), End: w.End.AddDate(0, 0, -1).Format("2006-01-02"),
		PolicyHash: ledger.Hash(y.Plan.PolicyHash).String(), RegistryHash: ledger.Hash(y.Registry.Hash()).String(),
		Epsilon: p.Epsilon, Delta: p.Delta, Incomplete: in.incomplete, Cells: cells,
	})
	return v, err
}

// commit rests the draft under a key of its own, and the noise that it drew for
// later steps, and commits their hashes. It returns the commitment that is valid,
// which may be another gate's.
func (g *Gate) commit(ctx context.Context, id string, y Year, w policy.Window, v value, st *step) (ledger.Committed, error) {
	releaseKey, err := g.keys.ReleaseKey(id)
	if err != nil {
		return ledger.Committed{}, err
	}
	d, err := newDraft(id, v.payload, releaseKey)
	if err != nil {
		return ledger.Committed{}, err
	}
	noise, err := g.restNoise(ctx, y, w, st, d.name, v.noise)
	if err != nil {
		return ledger.Committed{}, err
	}
	if err := g.log.Produce(ctx, topics.Drafts, 0, d.chunks...); err != nil {
		return ledger.Committed{}, fmt.Errorf("resting the draft: %w", err)
	}
	crashpoint.Hit("gate.draft.after", id)
	c, err := g.book.Commit(ctx, ledger.Committed{
		Release: id, Payload: release.Hash(v.payload), Draft: d.name, DraftKey: d.wrapped, Incomplete: v.incomplete, Noise: noise,
	})
	crashpoint.Hit("gate.commit.after", id)
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
	crashpoint.Hit("gate.destroy.before", c.Release)
	if err := g.keys.DestroyReleaseKey(c.Release); err != nil {
		return err
	}
	crashpoint.Hit("gate.destroy.after", c.Release)
	return nil
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
// through the door at the same time, or ends the streams of a step that never
// will; else it returns why.
func (g *Gate) overtaken(ctx context.Context, d door, why error) error {
	destroyed := errors.Is(why, keys.ErrDestroyed)
	if !destroyed && !errors.Is(why, ledger.ErrTwice) && !errors.Is(why, errGap) {
		return why
	}
	if err := g.book.Sync(ctx); err != nil {
		return err
	}
	c, done := g.book.Chain.Committed(d.release)
	switch {
	case done:
		return g.publish(ctx, c)
	case destroyed && d.window.Cadence == policy.YearStream, errors.Is(why, errGap):
		return g.end(d)
	}
	return why
}
