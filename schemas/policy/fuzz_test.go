package policy

import (
	"testing"
)

// FuzzParse: no YAML makes Parse, and then the planner, panic; and what Parse
// accepts is valid, plans within its limit and keeps its hash when copied.
func FuzzParse(f *testing.F) {
	for _, name := range BuiltIn() {
		data, err := DefaultText(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("name: x\nepsilon: .nan\ndelta: -.inf\nfamilies: [{}]\n"))
	f.Add([]byte("calendar: {zones: [{name: A, weeks: [2026-W36, 2026-W99], half_terms: [{name: P1}]}]}"))
	f.Add([]byte("a: &a [*a, *a]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data)
		if err != nil {
			return
		}
		if err := p.Validate(); err != nil {
			t.Fatalf("accepted an invalid policy: %v", err)
		}
		c, err := p.Clone()
		if err != nil || c.Hash() != p.Hash() {
			t.Fatalf("the copy differs: %v", err)
		}
		plan, err := p.Plan()
		if err != nil {
			return // refused: useless, or a share too small
		}
		left := plan.LimitNano
		for _, family := range plan.Families {
			if left -= family.YearNano(); left < 0 || !(family.Sigma > 0) {
				t.Fatalf("family %s: σ = %v, %d left", family.Name, family.Sigma, left)
			}
		}
		for _, w := range p.Windows(Weekly) {
			for _, z := range p.Calendar.Zones {
				if i, ok := p.WindowFor(z.Name, Weekly, int32(w.Start.Unix()/3600)+30); ok && i < w.Index {
					t.Fatalf("zone %s: an event of window %d counts in %d", z.Name, w.Index, i)
				}
			}
		}
	})
}
