package truth

import (
	"brume/schemas/policy"
)

// Choices thins a simulated history out until it leaves no choice to a secret
// key: a pupil keeps the first pairs of level and subject, as many as any family
// of several dimensions lets count.
type Choices struct {
	most  int
	pairs map[account]map[[2]string]bool
}

// NewChoices returns one that has seen nothing.
func NewChoices(plan *policy.Plan) Choices {
	c := Choices{most: 1 << 20, pairs: map[account]map[[2]string]bool{}}
	for _, f := range plan.Families {
		for _, d := range f.By {
			if d == policy.Subject {
				c.most = min(c.most, f.Cells)
			}
		}
	}
	return c
}

// Keep says whether a statement may be sent.
func (c Choices) Keep(f Fact) bool {
	who, pair := account{f.Home, f.Name}, [2]string{f.Level, f.Subject}
	if c.pairs[who] == nil {
		c.pairs[who] = map[[2]string]bool{}
	}
	if seen := c.pairs[who]; !seen[pair] && len(seen) >= c.most {
		return false
	}
	c.pairs[who][pair] = true
	return true
}
