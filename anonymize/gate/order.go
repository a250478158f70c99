package gate

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"brume/schemas/policy"
)

// door is a release whose partials have begun to arrive.
type door struct {
	release string
	year    Year
	window  policy.Window
}

// cadences lists the cadences in the order in which windows that end together
// are released.
var cadences = []policy.Cadence{policy.Weekly, policy.Periodic, policy.YearStream}

// due lists the configured releases that have partials, in the order in which
// every gate releases them: by the end of their windows, and so a stream's
// steps one after the other.
func (g *Gate) due() []door {
	var out []door
	for _, release := range g.partials.releases() {
		if y, w, ok := g.find(release); ok {
			out = append(out, door{release, y, w})
		}
	}
	slices.SortFunc(out, func(a, b door) int {
		return cmp.Or(
			cmp.Compare(a.window.Year, b.window.Year),
			a.window.End.Compare(b.window.End),
			cmp.Compare(slices.Index(cadences, a.window.Cadence), slices.Index(cadences, b.window.Cadence)),
			cmp.Compare(a.release, b.release),
		)
	})
	return out
}

// find returns the year, under its present plan, and the window of a release.
func (g *Gate) find(release string) (Year, policy.Window, bool) {
	for _, y := range g.years {
		if w, ok := y.window(release); ok {
			return y, w, true
		}
	}
	return Year{}, policy.Window{}, false
}

// window returns the window of a release.
func (y Year) window(release string) (policy.Window, bool) {
	for _, c := range cadences {
		for _, w := range y.Plan.Policy.Windows(c) {
			if string(policy.ReleaseID(w)) == release {
				return w, true
			}
		}
	}
	return policy.Window{}, false
}

// underItsPlan releases a window under the plan by which it is reserved, else
// under that of its partials: a year's plan may have changed since.
func (g *Gate) underItsPlan(ctx context.Context, d door) error {
	reserved, ok := g.book.Chain.Reserved(d.release)
	err := error(nil)
	for _, y := range g.plans {
		w, has := y.window(d.release)
		if !has || ok && reserved.Plan != y.Plan.PolicyHash && y.Plan.PolicyHash != d.year.Plan.PolicyHash {
			continue
		}
		if err = g.release(ctx, d.release, y, w); !errors.Is(err, ErrPlan) {
			break
		}
	}
	return err
}
