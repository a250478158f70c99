package query

import (
	"context"
	"errors"
	"math"
	"time"
)

// ErrNoRelease says that nothing has been published yet.
var ErrNoRelease = errors.New("no release yet")

// Release is what anyone may know of a release.
type Release struct {
	ID                       string
	Year, Cadence, Window    string
	First, Last              time.Time
	Hash, PolicyHash         string
	Epsilon, Delta           float64
	Incomplete               bool
	Cells                    uint32
	LedgerSequence           uint64
	LedgerHead               string
	SpentNanoMu2, LimitNano2 int64 // zero when unknown
}

// Releases returns a school year's releases, latest first; all years when the
// year is empty.
func (r *Reader) Releases(ctx context.Context, year string) ([]Release, error) {
	var list []Release
	err := r.each(ctx, "releases", func(scan func(...any) error) error {
		var x Release
		err := scan(&x.ID, &x.Year, &x.Cadence, &x.Window, &x.First, &x.Last, &x.Hash, &x.PolicyHash,
			&x.Epsilon, &x.Delta, &x.Incomplete, &x.Cells, &x.LedgerSequence, &x.LedgerHead, &x.SpentNanoMu2, &x.LimitNano2)
		list = append(list, x)
		return err
	}, param("year", year))
	return list, err
}

// LatestRelease returns the release with the latest window, or ErrNoRelease.
func (r *Reader) LatestRelease(ctx context.Context) (Release, error) {
	list, err := r.Releases(ctx, "")
	if err != nil {
		return Release{}, err
	}
	if len(list) == 0 {
		return Release{}, ErrNoRelease
	}
	return list[0], nil
}

// Budget is what a school year has cost so far.
type Budget struct {
	Year           string
	Epsilon, Delta float64
	Weeks          int     // weekly releases
	Spent          float64 // fraction of the year's limit, 0…1
	Mu             float64 // of the year's limit: all of it is μ-Gaussian differentially private; 0 when unknown
	Known          bool    // the releases carry the spend
}

// Budget sums up a school year from its release rows.
func (r *Reader) Budget(ctx context.Context, year string) (Budget, error) {
	list, err := r.Releases(ctx, year)
	return BudgetOf(year, list), err
}

// BudgetOf sums up a school year's releases.
func BudgetOf(year string, list []Release) Budget {
	b := Budget{Year: year}
	for _, x := range list {
		b.Epsilon, b.Delta = max(b.Epsilon, x.Epsilon), max(b.Delta, x.Delta)
		if x.Cadence == "week" {
			b.Weeks++
		}
		if x.LimitNano2 > 0 {
			b.Known = true
			b.Mu = max(b.Mu, math.Sqrt(float64(x.LimitNano2)*1e-9))
			b.Spent = max(b.Spent, float64(x.SpentNanoMu2)/float64(x.LimitNano2))
		}
	}
	return b
}
