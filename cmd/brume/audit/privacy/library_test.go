package privacy

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/differential-privacy/go/v3/dpagg"
	dp "github.com/google/differential-privacy/go/v3/noise"

	"brume/internal/testenv/measure"
	"brume/schemas/policy"
)

// The same school, ε and δ: 300 pupils, each with one score.
const (
	schoolPupils = 300
	tries        = 2000
)

func scoresOfASchool() (scores []float64, mean, median float64) {
	r := rand.New(rand.NewPCG(5, 6))
	for range schoolPupils {
		s := math.Sqrt(r.Float64())
		scores = append(scores, s)
		mean += s / schoolPupils
	}
	return scores, mean, quantile(bins(scores, 1000), 0.5)
}

func bins(scores []float64, n int) []float64 {
	h := make([]float64, n)
	for _, s := range scores {
		h[min(int(s*float64(n)), n-1)]++
	}
	return h
}

// quantile interpolates the cumulative histogram, made to rise.
func quantile(h []float64, q float64) float64 {
	total, below := 0.0, 0.0
	for _, n := range h {
		total += n
	}
	for i, n := range h {
		if n = max(n, 0); below+n >= q*total && n > 0 {
			return (float64(i) + (q*total-below)/n) / float64(len(h))
		}
		below += max(n, 0)
	}
	return 1
}

func rmse(b *testing.B, truth float64, estimate func() (float64, error)) float64 {
	b.Helper()
	squares := 0.0
	for range tries {
		v, err := estimate()
		if err != nil {
			b.Fatal(err)
		}
		squares += (v - truth) * (v - truth)
	}
	return math.Sqrt(squares / tries)
}

// BenchmarkRowLibrary compares what the whole plan makes of a school with the
// library's aggregates, for whom the year's ε and δ are split equally over all
// releases that a pupil is in: it composes nothing itself. Each figure is the
// ratio of root mean square errors, the library's better noise counting.
func BenchmarkRowLibrary(b *testing.B) {
	p, err := policy.Default("2026-2027-epsilon-4")
	if err != nil {
		b.Fatal(err)
	}
	plan, err := p.Plan()
	if err != nil {
		b.Fatal(err)
	}
	releases := 0
	for _, f := range plan.Families {
		releases += f.Windows
	}
	l := library{plan.Policy.Epsilon / float64(releases), plan.Policy.Delta / float64(releases)}
	weekly, _ := plan.Family("school_week_active")
	period, _ := plan.Family("school_period_scores")
	scores, mean, median := scoresOfASchool()
	noised := func() []float64 {
		h := bins(scores, 10)
		for i := range h {
			h[i] += period.SigmaCaps * rand.NormFloat64()
		}
		return h
	}
	for b.Loop() {
		count := weekly.Sigma / l.better(b, schoolPupils, func(n dp.Noise, delta float64) (float64, error) { return l.count(n, delta) })
		means := rmse(b, mean, func() (float64, error) {
			sum, total := 0.0, 0.0
			for i, n := range noised() {
				sum, total = sum+n*(float64(i)+0.5)/10, total+n
			}
			return min(max(sum/total, 0), 1), nil
		}) / l.better(b, mean, func(n dp.Noise, delta float64) (float64, error) { return l.mean(n, delta, scores) })
		medians := rmse(b, median, func() (float64, error) { return quantile(noised(), 0.5), nil }) /
			l.better(b, median, func(n dp.Noise, delta float64) (float64, error) { return l.median(n, delta, scores) })
		measure.Report(b, map[string]float64{measure.Result: max(count, means, medians), "count": count, "mean": means, "median": medians})
	}
}

// library is the promise that one release may spend.
type library struct{ epsilon, delta float64 }

// better is the error with Laplace or Gaussian noise, whichever is smaller.
func (l library) better(b *testing.B, truth float64, estimate func(dp.Noise, float64) (float64, error)) float64 {
	laplace := rmse(b, truth, func() (float64, error) { return estimate(dp.Laplace(), 0) })
	return min(laplace, rmse(b, truth, func() (float64, error) { return estimate(dp.Gaussian(), l.delta) }))
}

func (l library) count(n dp.Noise, delta float64) (float64, error) {
	c, err := dpagg.NewCount(&dpagg.CountOptions{Epsilon: l.epsilon, Delta: delta, MaxPartitionsContributed: 1, Noise: n})
	if err != nil {
		return 0, err
	}
	if err := c.IncrementBy(schoolPupils); err != nil {
		return 0, err
	}
	v, err := c.Result()
	return float64(v), err
}

func (l library) mean(n dp.Noise, delta float64, scores []float64) (float64, error) {
	m, err := dpagg.NewBoundedMean(&dpagg.BoundedMeanOptions{
		Epsilon: l.epsilon, Delta: delta, MaxPartitionsContributed: 1, MaxContributionsPerPartition: 1, Lower: 0, Upper: 1, Noise: n,
	})
	if err != nil {
		return 0, err
	}
	for _, s := range scores {
		if err := m.Add(s); err != nil {
			return 0, err
		}
	}
	return m.Result()
}

func (l library) median(n dp.Noise, delta float64, scores []float64) (float64, error) {
	q, err := dpagg.NewBoundedQuantiles(&dpagg.BoundedQuantilesOptions{
		Epsilon: l.epsilon, Delta: delta, MaxPartitionsContributed: 1, MaxContributionsPerPartition: 1, Lower: 0, Upper: 1, Noise: n,
	})
	if err != nil {
		return 0, err
	}
	for _, s := range scores {
		if err := q.Add(s); err != nil {
			return 0, err
		}
	}
	return q.Result(0.5)
}
