package truth

import (
	"fmt"

	"brume/schemas/policy"
	"brume/schemas/registry"
)

// area is where a pupil of a school counts.
func (y *Year) area(kind policy.Area, school string) string {
	switch {
	case school == "":
		return registry.Other
	case kind == policy.ByDepartment:
		return y.depts[school]
	}
	return school
}

// contribute adds one pupil's clipped contribution to each family of a window.
func (y *Year) contribute(sums Sums, w policy.Window, school string, facts []Fact) error {
	for _, f := range y.plan.Families {
		if f.Cadence != w.Cadence {
			continue
		}
		add := map[policy.Measure]func(Sums, policy.Family, Cell, []Fact) error{
			policy.Active: active, policy.Outcomes: outcomes, policy.Minutes: minutes, policy.Scores: scores,
		}[f.Measure]
		if err := add(sums, f.Family, Cell{Family: f.Name, Area: y.area(f.Area, school)}, facts); err != nil {
			return fmt.Errorf("family %s: %w", f.Name, err)
		}
	}
	return nil
}

// begin adds a pupil who is active for the first time in the year.
func (y *Year) begin(school string, facts []Fact) {
	for _, f := range y.plan.Families {
		if f.Cadence == policy.YearStream {
			_ = active(y.totals, f.Family, Cell{Family: f.Name, Area: y.area(f.Area, school)}, facts)
		}
	}
}

// active counts the pupil once in each combination of the dimensions. One of
// no known level counts only where the pupil has no known level in the same
// subject and tool, and after those of a known level.
func active(sums Sums, f policy.Family, at Cell, facts []Fact) error {
	touched := map[Cell]bool{}
	for _, fact := range facts {
		touched[split(f, at, fact)] = true
	}
	counted := map[Cell]bool{}
	doubtful := false
	for c := range touched {
		if c.Level == registry.Other && doubted(touched, c) {
			continue
		}
		counted[c] = true
		doubtful = doubtful || c.Level == registry.Other
	}
	if len(counted) > f.Cells || doubtful && len(touched) > f.Cells {
		return fmt.Errorf("%d cells of %d: %w", len(touched), f.Cells, ErrChoice)
	}
	for c := range counted {
		c.Measure = string(policy.Active)
		sums[c]++
	}
	return nil
}

// doubted says whether another cell differs by its known level alone.
func doubted(touched map[Cell]bool, c Cell) bool {
	for other := range touched {
		level := other.Level
		other.Level = c.Level
		if level != c.Level && other == c {
			return true
		}
	}
	return false
}

// split puts a statement's codes into the dimensions that the family uses.
func split(f policy.Family, at Cell, fact Fact) Cell {
	for _, d := range f.By {
		switch d {
		case policy.Level:
			at.Level = fact.Level
		case policy.Subject:
			at.Subject = fact.Subject
		case policy.Tool:
			at.Tool = fact.Tool
		}
	}
	return at
}

// outcomes clips a pupil's successes and failures jointly.
func outcomes(sums Sums, f policy.Family, at Cell, facts []Fact) error {
	v := Sums{}
	for _, fact := range facts {
		if fact.Outcome != "" {
			c := split(f, at, fact)
			c.Measure = fact.Outcome
			v[c]++
		}
	}
	return clipped(sums, f, v)
}

// minutes clips a pupil's whole minutes jointly.
func minutes(sums Sums, f policy.Family, at Cell, facts []Fact) error {
	v := Sums{}
	for _, fact := range facts {
		if fact.Seconds > 0 {
			c := split(f, at, fact)
			c.Measure = string(policy.Minutes)
			v[c] += int64(fact.Seconds)
		}
	}
	for c := range v {
		v[c] /= 60
	}
	return clipped(sums, f, v)
}

// clipped adds v·cap/⌈‖v‖⌉, each truncated, where ‖v‖ is above the cap.
func clipped(sums Sums, f policy.Family, v Sums) error {
	var square int64
	for _, n := range v {
		square += n * n
	}
	norm := f.Cap
	for norm*norm < square {
		norm++
	}
	for c, n := range v {
		sums[c] += n * f.Cap / norm
	}
	return nil
}

// scores divides one cap of mass over ten bins, for each histogram, in
// proportion to the pupil's scores; what division leaves over is lost.
func scores(sums Sums, f policy.Family, at Cell, facts []Fact) error {
	bins := map[Cell]*[10]int64{}
	for _, fact := range facts {
		if fact.Score < 0 {
			continue
		}
		c := split(f, at, fact)
		if bins[c] == nil {
			bins[c] = &[10]int64{}
		}
		bins[c][min(fact.Score/100, 9)]++
	}
	if len(bins) > f.Cells {
		return fmt.Errorf("%d histograms of %d: %w", len(bins), f.Cells, ErrChoice)
	}
	for c, histogram := range bins {
		var all int64
		for _, n := range histogram {
			all += n
		}
		for i, n := range histogram {
			c.Measure = fmt.Sprintf("score_%d", i)
			sums[c] += n * f.Cap / all
		}
	}
	return nil
}
