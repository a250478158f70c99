package sample

import (
	"errors"
	"maps"
	"slices"

	"brume/schemas/mapping"
	"brume/schemas/registry"
	"brume/schemas/xapi"
)

// Trial is what a sample is tried with.
type Trial struct {
	Mapping  *mapping.Mapping
	Registry *registry.Registry
	At       mapping.Reception
	Options  xapi.Options
}

// Line is what one statement becomes: it is refused when it has faults, and
// otherwise explained.
type Line struct {
	Number               int         `json:"number"` // in the file, from 1
	Faults               xapi.Faults `json:"faults,omitempty"`
	*mapping.Explanation `json:",inline"`
}

// Summary adds up lines.
type Summary struct {
	Mapping    string                    `json:"mapping"`
	Statements int                       `json:"statements"`
	Mapped     int                       `json:"mapped"`
	Refused    map[xapi.Code]int         `json:"refused"` // by the first fault of each
	Dropped    map[mapping.Drop]int      `json:"dropped"`
	Missing    map[string]int            `json:"missing"`  // mapped statements without this field; kind is never missing
	Unmapped   map[string]map[string]int `json:"unmapped"` // values that gave no code, by field
}

// Report is the answer as one document.
type Report struct {
	Statements []Line  `json:"statements"`
	Summary    Summary `json:"summary"`
}

// Run calls fn with every statement's line and returns their summary.
func (t Trial) Run(statements [][]byte, fn func(Line) error) (Summary, error) {
	sum := Summary{
		Mapping: t.Mapping.Name, Refused: map[xapi.Code]int{}, Dropped: map[mapping.Drop]int{},
		Missing: map[string]int{}, Unmapped: map[string]map[string]int{},
	}
	for i, text := range statements {
		l := Line{Number: i + 1}
		batch, err := xapi.Decode(text, t.Options)
		if faults, ok := errors.AsType[xapi.Faults](err); ok {
			l.Faults = faults
		} else if len(batch.Statements) != 1 {
			continue // an empty array within an array's text
		} else {
			x := t.Mapping.Explain(&batch.Statements[0], t.Registry, t.At)
			l.Explanation = &x
		}
		sum.add(l)
		if err := fn(l); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

func (s *Summary) add(l Line) {
	s.Statements++
	switch {
	case l.Explanation == nil:
		s.Refused[l.Faults[0].Code]++
		return
	case l.Drop != mapping.Kept:
		s.Dropped[l.Drop]++
		return
	}
	s.Mapped++
	for _, f := range l.Fields {
		if f.Name != "kind" && (f.Value == "" || f.Value == registry.Other) {
			s.Missing[f.Name]++
		}
	}
	l.Unmapped(func(field, text string) {
		if s.Unmapped[field] == nil {
			s.Unmapped[field] = map[string]int{}
		}
		s.Unmapped[field][text]++
	})
}

// byCount orders the keys of counts, the most frequent first.
func byCount(counts map[string]int) []string {
	keys := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(keys, func(a, b string) int { return counts[b] - counts[a] })
	return keys
}
