package privacy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"brume/cmd/brume/audit/truth"
	"brume/schemas/policy"
	"brume/schemas/release"
)

// streamed audits a year stream of 4,000 schools whose step t publishes what mix
// makes of the draws so far. The draws are seeded.
func streamed(t *testing.T, mix func(z []float64) float64) Report {
	t.Helper()
	p, err := policy.Default("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.Clone(); err != nil {
		t.Fatal(err)
	}
	p.Calendar.Zones = p.Calendar.Zones[:1]
	p.Families = []policy.Family{{Name: "ever", Cadence: policy.YearStream, Area: policy.BySchool, Measure: policy.Active, Cells: 1, Cap: 1, Share: 0.05, Force: true}}
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	a, r := New(plan), rand.New(rand.NewPCG(7, 8))
	const schools = 4000
	draws := make([][]float64, schools)
	for i := range draws {
		a.Plant(i%2 == 0, fmt.Sprint(i))
	}
	for _, w := range plan.Policy.Windows(policy.YearStream) {
		out := &release.Release{ID: policy.ReleaseID(w), Cadence: string(w.Cadence), Window: w.Label}
		sent, canaries := truth.Sums{}, truth.Sums{}
		for i := range draws {
			draws[i] = append(draws[i], plan.Families[0].Sigma*r.NormFloat64())
			cell := truth.Cell{Family: "ever", Area: fmt.Sprint(i), Measure: "active"}
			canaries[cell] = 1
			sent[cell] = int64(1 - i%2)
			out.Cells = append(out.Cells, release.Cell{
				Family: cell.Family, Area: cell.Area, Measure: cell.Measure, Value: sent[cell] + int64(math.Round(mix(draws[i]))),
			})
		}
		if err := a.Take(out, sent, canaries); err != nil {
			t.Fatal(err)
		}
	}
	return a.Report(math.Sqrt(spent(plan)), 0.99)
}

func mixed(z []float64) (sum float64) {
	f := policy.Toeplitz(len(z))
	for j := range z {
		sum += f[len(z)-1-j] * z[j]
	}
	return sum
}

func TestAStreamKeepsItsPromise(t *testing.T) {
	if err := streamed(t, mixed).Check(); err != nil {
		t.Error(err)
	}
}

func TestStreamsThatDoNot(t *testing.T) {
	for _, c := range []struct {
		bug  string
		mix  func(z []float64) float64
		want string
	}{
		{"σ/1.5", func(z []float64) float64 { return mixed(z) / 1.5 }, "variance"},
		{"fresh noise at every step", func(z []float64) float64 { return z[len(z)-1] }, "correlation between windows"},
		{"steps that forget the past but one", func(z []float64) float64 { return mixed(z[max(0, len(z)-2):]) }, "correlation between windows"},
	} {
		err := streamed(t, c.mix).Check()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.bug, err, c.want)
		}
	}
}
