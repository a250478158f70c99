package gate

import (
	"context"
	"errors"
	"math"

	"brume/anonymize/exact"
	"brume/anonymize/keys"
	"brume/schemas/policy"
	"brume/schemas/release"
)

// errGap means that a partition of a step lost statements. Its totals would
// fall, and a pupil who leaves them costs more than was paid: the step is not
// released, nor any after it.
var errGap = errors.New("a partition lost statements: the year's streams end")

// step is what a release of year streams needs beside its sums.
type step struct {
	streams []stream
	spans   []span // of streams, in the layout
	past    *exact.Past
}

// sigma is the deviation of what the step draws for a cell.
func (st *step) sigma(cell int) float64 {
	for i, at := range st.spans {
		if cell >= at.from && cell < at.to {
			return st.streams[i].family.Sigma
		}
	}
	return math.NaN() // no draw
}

// step prepares a release of year streams that is reserved: it adds up the past
// noise of its cells and sets their sigma. It is nil for other releases.
func (g *Gate) step(ctx context.Context, y Year, w policy.Window, layout *policy.Layout, cells []release.Cell) (*step, error) {
	if w.Cadence != policy.YearStream {
		return nil, nil
	}
	st := &step{streams: y.streams(), past: exact.NewPast(len(cells))}
	for _, s := range st.streams {
		places, n := s.session(y.Plan.Policy, w)
		at, err := s.span(layout, cells, places, n)
		if err != nil {
			return nil, err
		}
		steps, err := g.history(y, s, w)
		if err != nil {
			return nil, err
		}
		if err := g.openNoise(ctx, y, s, steps, at.block); err != nil {
			return nil, err
		}
		if err := s.weigh(y.Plan.Policy, w, at, steps, st.past, cells); err != nil {
			return nil, err
		}
		st.spans = append(st.spans, at)
	}
	return st, nil
}

// previous gives the last window before a step in which a stream of the plan
// has a cell.
func previous(y Year, w policy.Window) (policy.Window, bool) {
	windows, streams := y.Plan.Policy.Windows(policy.YearStream), y.streams()
	for i := w.Index - 1; i >= 0; i-- {
		for _, s := range streams {
			if _, n := s.session(y.Plan.Policy, windows[i]); n > 0 {
				return windows[i], true
			}
		}
	}
	return policy.Window{}, false
}

// next says whether a release may go through the door now: a step of year
// streams not before the one before it is committed, nor ever once they have
// ended. A plan that was changed may begin its streams in mid-year.
func (g *Gate) next(ctx context.Context, d door) (bool, error) {
	if d.window.Cadence != policy.YearStream {
		return true, nil
	}
	before, ok := previous(d.year, d.window)
	if !ok || g.isCommitted(before) || g.mayBegin(d.year) {
		return true, nil
	}
	_, err := g.keys.ReleaseKey(string(policy.ReleaseID(before)))
	if !errors.Is(err, keys.ErrDestroyed) {
		return false, err
	}
	// Who destroyed the key knew of its commitment, or that the streams ended.
	if err := g.book.Sync(ctx); err != nil || g.isCommitted(before) {
		return err == nil, err
	}
	return false, g.end(d)
}

func (g *Gate) isCommitted(w policy.Window) bool {
	_, done := g.book.Chain.Committed(string(policy.ReleaseID(w)))
	return done
}

// mayBegin says whether the plan is a changed one and none of its streams has
// begun.
func (g *Gate) mayBegin(y Year) bool {
	for _, s := range y.streams() {
		if _, begun := g.book.Chain.Stream(y.Plan.Policy.SchoolYear, s.family.Name); begun {
			return false
		}
	}
	return g.book.Chain.Changed(y.Plan.Policy.SchoolYear)
}

// end destroys the key of a step that is never released: nobody may open its
// sums any more, and every gate sees that the streams have ended.
func (g *Gate) end(d door) error {
	g.logger.Warn("the year's streams have ended: this step is not released", "release", d.release)
	g.partials.forget(d.release)
	return g.keys.DestroyReleaseKey(d.release)
}
