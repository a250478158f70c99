package dashboards

import (
	"context"
	"math"
	"net/http"

	"brume/aggregate/query"
)

// transparency is the content of the transparency page.
type transparency struct {
	Empty    bool
	Year     string
	Budget   query.Budget
	Epsilon  string
	Factor   string // e^ε
	Worst    string // what a chance of 1 in 100 can become, in 100
	Guess    string // how often a coin toss that knows all else can be right, in 100; "" when unknown
	Mu, Rho  string
	Delta    string
	Sentence string // the spend in plain words
	Spent    float64
	Releases []publishedRow
}

type publishedRow struct {
	query.Release
	DaysText, CellsText, HashText, StateText string
}

func (s *Server) transparency(ctx context.Context, l *locale, _ *http.Request, p *page) error {
	list, err := s.reader.Releases(ctx, "")
	if err != nil {
		return err
	}
	if len(list) == 0 {
		p.Body = transparency{Empty: true}
		return nil
	}
	t := transparency{Year: list[0].Year}
	for _, r := range list {
		if r.Year != t.Year {
			continue
		}
		row := publishedRow{Release: r, DaysText: l.days(r.First, r.Last), CellsText: l.Count(int(r.Cells)), StateText: l.T("release.complete")}
		if r.Incomplete {
			row.StateText = l.T("release.incomplete")
		}
		row.HashText = r.Hash[:min(len(r.Hash), 12)]
		t.Releases = append(t.Releases, row)
	}
	current := list[:len(t.Releases)] // latest first, so the current year leads
	t.Budget = query.BudgetOf(t.Year, current)
	t.Epsilon, t.Delta = l.Number(t.Budget.Epsilon, decimalsOf(t.Budget.Epsilon)), l.delta(t.Budget.Delta)
	weeks := float64(t.Budget.Weeks)
	odds := math.Exp(t.Budget.Epsilon)
	t.Factor, t.Worst = l.Number(math.Ceil(odds), 0), l.Number(math.Ceil(100*odds/(odds+99)), 0)
	if mu := t.Budget.Mu; mu > 0 {
		t.Guess, t.Mu = l.Number(100*rightGuesses(mu), 1), l.Number(mu, 3)
		t.Rho = l.Number(mu*mu/2, 4) // of zero-concentrated differential privacy
	}
	t.Spent = 100 * t.Budget.Spent
	t.Sentence = l.TN("budget.unknown", weeks, l.Count(t.Budget.Weeks))
	if t.Budget.Known {
		t.Sentence = l.TN("budget.spent", weeks, l.Count(t.Budget.Weeks), l.Percent(t.Spent, 1))
	}
	p.Release = list[0].ID
	p.Body = t
	return nil
}

// rightGuesses is how often one can tell two equally likely neighbouring data
// sets apart under Gaussian differential privacy: Φ(μ/2), rounded up to 0.1 %
// [Dong, Roth, Su 2022].
func rightGuesses(mu float64) float64 {
	return math.Ceil(500*math.Erfc(-mu/2/math.Sqrt2)) / 1000
}
