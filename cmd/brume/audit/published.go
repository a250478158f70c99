package audit

import (
	"encoding/hex"
	"fmt"
	"math"

	"brume/schemas/ledger"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/release"
)

func sqrtNano(nano int64) float64 { return math.Sqrt(float64(nano) * 1e-9) }

// Payloads are the distinct payloads that the releases topic holds under each
// name.
type Payloads map[string][][]byte

// CheckPublished requires that the releases topic holds exactly what the
// ledger committed: one payload a release, its cells those of the plan, each
// with the planned σ. It returns the decoded releases by name.
func (l *Ledger) CheckPublished(topic Payloads, plans []*policy.Plan, reg *registry.Registry) (map[string]*release.Release, []error) {
	var faults []error
	decoded := map[string]*release.Release{}
	for name, payloads := range topic {
		e := l.entry(name)
		if e == nil || e.Committed == nil {
			faults = append(faults, fmt.Errorf("release %s: published, but not committed", name))
			continue
		}
		for _, p := range payloads {
			r, err := release.Decode(p, e.Committed.Payload)
			if err != nil {
				faults = append(faults, fmt.Errorf("release %s: %w", name, err))
				continue
			}
			decoded[name] = r
			if r.Incomplete != e.Committed.Incomplete {
				faults = append(faults, fmt.Errorf("release %s: incomplete %v, committed as incomplete %v", name, r.Incomplete, e.Committed.Incomplete))
			}
			faults = append(faults, l.checkCells(r, e.Reserved, plans, reg)...)
		}
	}
	for _, e := range l.Entries {
		if e.Committed != nil && decoded[e.Reserved.Release] == nil {
			faults = append(faults, fmt.Errorf("release %s: committed, but not published", e.Reserved.Release))
		}
	}
	return decoded, faults
}

// checkCells compares a release with the fixed domain and noise of its plan.
func (l *Ledger) checkCells(r *release.Release, paid ledger.Reserved, plans []*policy.Plan, reg *registry.Registry) (faults []error) {
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("release "+string(r.ID)+": "+format, args...))
	}
	plan := planOf(plans, paid)
	if plan == nil {
		return nil // said by CheckBudget
	}
	if hash := reg.Hash(); r.RegistryHash != hex.EncodeToString(hash[:]) || r.PolicyHash != paid.Plan.String() {
		fault("policy or registry is not the configured one")
		return faults
	}
	w, _ := windowOf(plan, string(r.ID))
	if r.Cadence != string(w.Cadence) || r.Window != w.Label || r.SchoolYear != w.Year {
		fault("says that it is the %s %s of %s", r.Cadence, r.Window, r.SchoolYear)
	}
	want := plan.Cells(reg, w)
	if len(want) != len(r.Cells) {
		fault("%d cells, planned %d", len(r.Cells), len(want))
		return faults
	}
	for i, c := range r.Cells {
		planned := want[i]
		planned.Value = c.Value
		if w.Cadence == policy.YearStream {
			planned.Sigma *= l.growth(plan, reg, planned.Family, c.Area, w)
			if math.Abs(c.Sigma/planned.Sigma-1) < 1e-12 {
				planned.Sigma = c.Sigma // the same sum in another order
			}
		}
		if c != planned {
			fault("cell %d is %s of %s with σ %g, planned %s of %s with σ %g", i, c.Family, c.Area, c.Sigma, planned.Family, planned.Area, planned.Sigma)
		}
	}
	return faults
}

// CheckMarks requires that ClickHouse shows as incomplete exactly the releases
// that were committed so.
func CheckMarks(marks map[string]bool, decoded map[string]*release.Release) (faults []error) {
	for name, r := range decoded {
		if marked, known := marks[name]; !known || marked != r.Incomplete {
			faults = append(faults, fmt.Errorf("clickhouse, release %s: incomplete %v (known: %v), committed %v", name, marked, known, r.Incomplete))
		}
	}
	return faults
}

// Row is one cell as ClickHouse publishes it.
type Row struct {
	Release string
	Ordinal uint32
	Cell    release.Cell
}

// CheckRows requires that ClickHouse holds exactly the committed cells.
func CheckRows(rows []Row, decoded map[string]*release.Release) (faults []error) {
	seen := map[string]int{}
	for _, row := range rows {
		r := decoded[row.Release]
		if r == nil || int(row.Ordinal) >= len(r.Cells) || r.Cells[row.Ordinal] != row.Cell {
			faults = append(faults, fmt.Errorf("clickhouse, release %s, cell %d: not the committed value", row.Release, row.Ordinal))
			continue
		}
		seen[row.Release]++
	}
	for name, r := range decoded {
		if seen[name] != len(r.Cells) {
			faults = append(faults, fmt.Errorf("clickhouse, release %s: %d cells, committed %d", name, seen[name], len(r.Cells)))
		}
	}
	return faults
}
