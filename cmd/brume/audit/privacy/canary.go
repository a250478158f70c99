package privacy

import "math"

// Canary is the worst-case pupil of one school, who was inserted or not.
type Canary struct {
	Inserted bool

	score float64 // Σ d·r/σ² over the school's cells, r against a truth without the canary
	norm  float64 // Σ d²/σ²
}

// observe adds one figure: what the canary adds to it, what was published
// beyond the truth without the canary, and the planned deviation.
//
// With Gaussian noise the likelihood ratio of the two coins depends on the
// figures through Σ d·r/σ² alone, the matched filter: no observer does better
// (Neyman, Pearson 1933).
func (c *Canary) observe(d, residual, sigma float64) {
	c.score += d * residual / (sigma * sigma)
	c.norm += d * d / (sigma * sigma)
}

// Mu is what the plan says that the canary shows: its distance, in standard
// deviations, from its absence.
func (c *Canary) Mu() float64 { return math.Sqrt(c.norm) }

// guess says whether the figures are nearer to the canary's presence: the score
// has mean norm with it and 0 without, so half way lies at norm/2. The
// threshold is fixed before anything is published; one chosen afterwards would
// void the bound.
func (c *Canary) guess() bool { return c.score > c.norm/2 }

// guess counts an observer's guesses over all canaries.
func guess(canaries []*Canary) (g Guesses) {
	for _, c := range canaries {
		guessed := c.guess()
		switch {
		case c.Inserted && !guessed:
			g.MissedHeads++
		case !c.Inserted && guessed:
			g.FalseHeads++
		}
		if c.Inserted {
			g.Heads++
		} else {
			g.Tails++
		}
	}
	return g
}

// presence is N(0, 1) when each inserted canary stands in the published values
// as planned: with every score reduced by its own norm, Σ score/√Σ norm. It is
// far below 0 when the system has lost the canaries, and the audit, which then
// finds nothing to complain of, proves nothing.
func presence(canaries []*Canary) float64 {
	var sum, norm float64
	for _, c := range canaries {
		if c.Inserted {
			sum += c.score - c.norm
			norm += c.norm
		}
	}
	if norm == 0 {
		return math.Inf(-1)
	}
	return sum / math.Sqrt(norm)
}
