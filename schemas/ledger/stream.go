package ledger

import (
	"fmt"
	"slices"
)

// stream is what the chain knows of a year stream.
type stream struct {
	payer string // the release that charged it
	last  string // its last step
	step  int    // the last one's place
}

func streamKey(year, family string) string { return year + "/" + family }

// Stream returns the release by which a year stream was charged.
func (c *Chain) Stream(year, family string) (payer string, ok bool) {
	s, ok := c.streams[streamKey(year, family)]
	return s.payer, ok
}

// checkStep holds the year streams of a reservation to one charge a year,
// whatever the plan, and to one step after the other: a later step's noise
// contains that of the earlier ones, so these must be committed.
func (c *Chain) checkStep(r Reserved) error {
	if (r.Step > 0) != (len(r.Streams) > 0) {
		return ErrShape
	}
	for _, cost := range r.Costs {
		if len(r.Streams) > 0 && !slices.Contains(r.Streams, cost.Family) {
			return fmt.Errorf("family %s: %w", cost.Family, ErrShape)
		}
	}
	for i, family := range r.Streams {
		s, begun := c.streams[streamKey(r.Year, family)]
		_, done := c.committed[s.last]
		pays := slices.ContainsFunc(r.Costs, func(cost Cost) bool { return cost.Family == family })
		switch {
		case slices.Contains(r.Streams[:i], family):
			return fmt.Errorf("family %s: %w", family, ErrShape)
		case begun && pays:
			return fmt.Errorf("family %s: %w", family, ErrTwice)
		case begun && (!done || r.Step <= s.step), !begun && !pays:
			return fmt.Errorf("family %s: %w", family, ErrStep)
		}
	}
	return nil
}

// step notes a reservation's year streams.
func (c *Chain) step(r Reserved) {
	for _, family := range r.Streams {
		key := streamKey(r.Year, family)
		s, begun := c.streams[key]
		if !begun {
			s.payer = r.Release
		}
		s.last, s.step = r.Release, r.Step
		c.streams[key] = s
	}
}

// keepsNoise says whether a commitment names the noise of each stream that was
// reserved.
func keepsNoise(m Committed, r Reserved) bool {
	return slices.EqualFunc(m.Noise, r.Streams, func(n Noise, family string) bool { return n.Family == family })
}
