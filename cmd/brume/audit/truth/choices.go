package truth

import (
	"brume/cmd/brume/simulate"
	"brume/schemas/policy"
	"brume/schemas/registry"
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

// Take adds a simulated statement to the year unless it leaves a choice, and
// says whether it may be sent. What no pupil has said, and repeats, add nothing.
func (c Choices) Take(y *Year, reg *registry.Registry, s simulate.Statement) (send bool, err error) {
	if s.Malformed || s.Group || s.Teacher {
		return true, nil
	}
	f, err := Read(reg, s.Body)
	if err != nil || !c.keep(f) {
		return false, err
	}
	if !s.Duplicate {
		y.Add(f)
	}
	return true, nil
}

// keep says whether a statement leaves no choice.
func (c Choices) keep(f Fact) bool {
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
