package policy

import (
	"brume/schemas/registry"
	"brume/schemas/release"
)

// Layout is the fixed domain of one window's release, in its fixed order:
// the families of the window's cadence in policy order; for each, the areas in
// session, sorted as in the registry, then Other; then levels, subjects and
// tools by ID, each followed by Other, for the dimensions that the family uses;
// then the measure's values. It depends on public facts only.
//
// A nation's half-term has two million cells: only Cells writes them out.
type Layout struct {
	size     int
	families []familyLayout // by index in Plan.Families
	level    [256]int
	subject  [256]int
	tool     []int // by tool ID; beyond its end: Other
	others   int   // Other's position among the tools
}

// familyLayout holds the strides of one family; areas is empty when the family
// has another cadence.
type familyLayout struct {
	plan                       *FamilyPlan
	base, size                 int
	in                         []area
	areas                      []int // by area index + 1: position, or -1 when not in session
	area, level, subject, tool int   // strides; 0 for a dimension not used
	levels, subjects, tools    []string
	measures                   []string
}

// Values names the figures of one cell, in order.
func (m Measure) Values() []string {
	switch m {
	case Outcomes:
		return []string{"successes", "failures"}
	case Scores:
		return []string{
			"score_0", "score_1", "score_2", "score_3", "score_4",
			"score_5", "score_6", "score_7", "score_8", "score_9",
		}
	default:
		return []string{string(m)}
	}
}

// Layout lays out the release of a window. Build it once per window: Index then
// takes constant time.
func (plan *Plan) Layout(reg *registry.Registry, w Window) *Layout {
	l := &Layout{families: make([]familyLayout, len(plan.Families)), others: len(reg.Tools)}
	l.dimensions(reg)
	for i := range plan.Families {
		if f := &plan.Families[i]; f.Cadence == w.Cadence {
			l.lay(i, f, reg, areas(plan.Policy, f.Area, reg, w))
		}
	}
	return l
}

// dimensions maps each ID to its position; an ID that the registry does not
// know to Other's.
func (l *Layout) dimensions(reg *registry.Registry) {
	for i := range l.level {
		l.level[i], l.subject[i] = len(reg.Levels), len(reg.Subjects)
	}
	for i, t := range reg.Levels {
		l.level[t.ID] = i
	}
	for i, t := range reg.Subjects {
		l.subject[t.ID] = i
	}
	last := 0
	for _, t := range reg.Tools {
		last = max(last, int(t.ID))
	}
	l.tool = make([]int, last+1)
	for i := range l.tool {
		l.tool[i] = l.others
	}
	for i, t := range reg.Tools {
		l.tool[t.ID] = i
	}
}

func (l *Layout) lay(index int, f *FamilyPlan, reg *registry.Registry, in []area) {
	none := []string{""}
	fl := familyLayout{plan: f, base: l.size, in: in, levels: none, subjects: none, tools: none, measures: f.Measure.Values()}
	for _, d := range f.By {
		switch d {
		case Level:
			fl.levels = codes(reg.Levels, func(t registry.Term) string { return t.Code })
		case Subject:
			fl.subjects = codes(reg.Subjects, func(t registry.Term) string { return t.Code })
		case Tool:
			fl.tools = codes(reg.Tools, func(t registry.Tool) string { return t.Code })
		}
	}
	stride := used(&fl.tool, len(fl.measures), len(fl.tools))
	stride = used(&fl.subject, stride, len(fl.subjects))
	fl.area = used(&fl.level, stride, len(fl.levels))
	fl.areas = positions(in, max(len(reg.Schools), len(reg.Departments)))
	fl.size = len(in) * fl.area
	l.size += fl.size
	l.families[index] = fl
}

// codes lists a nomenclature's codes, then Other.
func codes[T any](terms []T, code func(T) string) []string {
	out := make([]string, 0, len(terms)+1)
	for _, t := range terms {
		out = append(out, code(t))
	}
	return append(out, registry.Other)
}

// used sets a dimension's stride and gives the next one. A dimension of a single
// value keeps stride 0: it is not used, or it has Other only.
func used(stride *int, now, n int) int {
	if n > 1 {
		*stride = now
	}
	return now * n
}

// Len is the number of cells.
func (l *Layout) Len() int { return l.size }

// Cells gives a fresh copy of the cells, in order, with Value 0 and Sigma set.
func (l *Layout) Cells() []release.Cell {
	cells := make([]release.Cell, 0, l.size)
	for i := range l.families {
		f := &l.families[i]
		for _, a := range f.in {
			for _, level := range f.levels {
				for _, subject := range f.subjects {
					for _, tool := range f.tools {
						for _, m := range f.measures {
							cells = append(cells, release.Cell{
								Family: f.plan.Name, Area: a.code, Level: level, Subject: subject, Tool: tool,
								Measure: m, Sigma: f.plan.Sigma,
							})
						}
					}
				}
			}
		}
	}
	return cells
}

// Range gives the run of cells [from, to) of a family, by its index in
// Plan.Families; it is empty for a family of another cadence.
func (l *Layout) Range(family int) (from, to int) {
	f := &l.families[family]
	return f.base, f.base + f.size
}

// Index locates a cell: family is an index in Plan.Families, areaIndex one in
// Registry.Schools or Registry.Departments (-1: Other), measure one in
// Measure.Values. IDs that the registry does not know, and 0, are Other's;
// dimensions that the family does not use are ignored. It is false when the
// family has another cadence, the area is not in session, or an index is out
// of range.
func (l *Layout) Index(family, areaIndex int, level, subject uint8, tool uint16, measure int) (int, bool) {
	if family < 0 || family >= len(l.families) {
		return 0, false
	}
	f := &l.families[family]
	if measure < 0 || measure >= len(f.measures) || areaIndex < -1 || areaIndex+1 >= len(f.areas) || f.areas[areaIndex+1] < 0 {
		return 0, false
	}
	t := l.others
	if int(tool) < len(l.tool) {
		t = l.tool[tool]
	}
	return f.base + f.areas[areaIndex+1]*f.area + l.level[level]*f.level + l.subject[subject]*f.subject + t*f.tool + measure, true
}

// Cells lists the cells of a window's release: see Layout.
func (plan *Plan) Cells(reg *registry.Registry, w Window) []release.Cell {
	return plan.Layout(reg, w).Cells()
}
