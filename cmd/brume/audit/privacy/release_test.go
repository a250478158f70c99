package privacy

import (
	"context"
	"testing"

	"brume/anonymize/budget"
	"brume/anonymize/exact"
	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/release"
)

// release pays for a window and draws its noise, as the gate does.
func (w *world) release(t testing.TB, book *budget.Book, window policy.Window, sums *exact.Vector) *release.Release {
	t.Helper()
	id := string(policy.ReleaseID(window))
	token, err := book.Reserve(context.Background(), ledger.Reserved{
		Release: id, Year: window.Year, Window: window.Label, Plan: w.plan.PolicyHash,
		Costs: budget.Costs(w.plan, window), Inputs: []ledger.Hash{{1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	cells := w.plan.Cells(w.reg, window)
	values, err := w.copyOf(t, sums).Noised(token, id, func(i int) float64 {
		f, _ := w.plan.Family(cells[i].Family)
		return w.sigma(f)
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range cells {
		cells[i].Value = values[i]
	}
	return &release.Release{ID: release.ID(id), Cadence: string(window.Cadence), Window: window.Label, Cells: cells}
}
