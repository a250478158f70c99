// Package audit re-checks everything that was published, from the raw topics
// and tables and by its own arithmetic: it shares with the services only the
// formats and the plan.
package audit

import (
	"fmt"
	"slices"

	"brume/anonymize/budget"
	"brume/schemas/ledger"
	"brume/schemas/policy"
)

// Entry is one valid reservation with its commitment, if there is one.
type Entry struct {
	Reserved  ledger.Reserved
	Committed *ledger.Committed
}

// Ledger is the auditor's own reading of the ledger topic.
type Ledger struct {
	Records int
	Invalid int // values that do not continue the chain
	Years   map[string]ledger.Year
	Entries []*Entry // in the order of reservation
}

// ReadLedger walks the values of the ledger topic: a value counts only if its
// signature holds and it names the hash of the one before.
func ReadLedger(values [][]byte, verifier ledger.Verifier) *Ledger {
	l := &Ledger{Years: map[string]ledger.Year{}}
	var head ledger.Hash
	for _, v := range values {
		r, err := ledger.Decode(v, verifier)
		if err != nil || r.Prev != head || r.Sequence != uint64(l.Records+1) || !l.take(r) {
			l.Invalid++
			continue
		}
		head = ledger.HashOf(v)
		l.Records++
	}
	return l
}

func (l *Ledger) take(r ledger.Record) bool {
	switch {
	case r.Year != nil:
		l.Years[r.Year.Name] = *r.Year
	case r.Reserved != nil:
		if l.entry(r.Reserved.Release) != nil {
			return false
		}
		l.Entries = append(l.Entries, &Entry{Reserved: *r.Reserved})
	case r.Committed != nil:
		e := l.entry(r.Committed.Release)
		if e == nil || e.Committed != nil {
			return false
		}
		e.Committed = r.Committed
	default:
		return false
	}
	return true
}

func (l *Ledger) entry(release string) *Entry {
	for _, e := range l.Entries {
		if e.Reserved.Release == release {
			return e
		}
	}
	return nil
}

// CheckBudget re-adds every charge on an account of its own, and compares it
// with the plan that the year was opened under. It returns the accounts of the
// years, and every fault.
func (l *Ledger) CheckBudget(plans []*policy.Plan) (accounts map[string]*budget.Account, faults []error) {
	accounts = map[string]*budget.Account{}
	for name, y := range l.Years {
		accounts[name] = budget.NewAccount(y.LimitNano)
		faults = append(faults, checkLimit(name, y)...)
	}
	charged, begun := map[string]string{}, map[string]bool{}
	for _, e := range l.Entries {
		faults = append(faults, checkOnce(e.Reserved, charged)...)
		if plan := planOf(plans, e.Reserved); plan != nil {
			faults = append(faults, checkCosts(plan, e.Reserved, begun)...)
		} else {
			faults = append(faults, fmt.Errorf("release %s: no configured policy has the plan it was charged under", e.Reserved.Release))
		}
		account := accounts[e.Reserved.Year]
		if account == nil {
			faults = append(faults, fmt.Errorf("release %s: year %s was never opened", e.Reserved.Release, e.Reserved.Year))
		} else if err := account.Charge(e.Reserved.Costs); err != nil {
			faults = append(faults, fmt.Errorf("release %s: %w", e.Reserved.Release, err))
			if err := account.Replay(e.Reserved.Costs); err != nil {
				faults = append(faults, fmt.Errorf("release %s: %w", e.Reserved.Release, err))
			}
		}
	}
	return accounts, faults
}

// checkOnce requires that no family was charged before for the same window
// and zone, and no year stream for the same year and zone.
func checkOnce(r ledger.Reserved, charged map[string]string) (faults []error) {
	window := r.Window
	if len(r.Streams) > 0 {
		window = "the year"
	}
	for _, c := range r.Costs {
		once := fmt.Sprint(r.Year, "/", c.Family, "/", window, "/", c.Zone)
		if first, twice := charged[once]; twice {
			faults = append(faults, fmt.Errorf("release %s: family %s was charged by %s", r.Release, c.Family, first))
		}
		charged[once] = r.Release
	}
	return faults
}

// planOf returns the configured plan that a release was charged under.
func planOf(plans []*policy.Plan, r ledger.Reserved) *policy.Plan {
	for _, p := range plans {
		if p.PolicyHash == r.Plan && p.Policy.SchoolYear == r.Year {
			return p
		}
	}
	return nil
}

// checkCosts requires that a release paid for each family of its cadence in
// each zone in session, exactly what the plan says. A year stream is paid for
// in all zones by the first of its steps, and by no other.
func checkCosts(plan *policy.Plan, r ledger.Reserved, begun map[string]bool) (faults []error) {
	w, ok := windowOf(plan, r.Release)
	if !ok {
		return []error{fmt.Errorf("release %s: the policy has no such window", r.Release)}
	}
	want, streams := map[string]int64{}, []string(nil)
	for _, f := range plan.Families {
		if f.Cadence != w.Cadence {
			continue
		}
		stream := f.Cadence == policy.YearStream
		if stream {
			streams = append(streams, f.Name)
		}
		for _, z := range plan.Policy.Calendar.Zones {
			if stream && !begun[r.Year+"/"+f.Name] || !stream && plan.Policy.InSession(z.Name, w) {
				want[f.Name+"/"+z.Name] = f.CostNanoMu2
			}
		}
	}
	if !slices.Equal(streams, r.Streams) || r.Step != place(w) {
		faults = append(faults, fmt.Errorf("release %s: step %d of %v, planned step %d of %v", r.Release, r.Step, r.Streams, place(w), streams))
	}
	for _, name := range streams {
		begun[r.Year+"/"+name] = true
	}
	for _, c := range r.Costs {
		if want[c.Family+"/"+c.Zone] != c.Nano {
			faults = append(faults, fmt.Errorf("release %s: family %s, zone %s: charged %d, planned %d", r.Release, c.Family, c.Zone, c.Nano, want[c.Family+"/"+c.Zone]))
		}
		delete(want, c.Family+"/"+c.Zone)
	}
	for name := range want {
		faults = append(faults, fmt.Errorf("release %s: %s was not charged", r.Release, name))
	}
	return faults
}

// place is that of a step among the year's, from 1; 0 for other windows.
func place(w policy.Window) int {
	if w.Cadence != policy.YearStream {
		return 0
	}
	return w.Index + 1
}

// checkLimit requires that the year's limit keeps its promise: the δ of its μ
// at its ε is no more than its δ.
func checkLimit(name string, y ledger.Year) []error {
	if got := policy.Delta(sqrtNano(y.LimitNano), y.Epsilon); got > y.Delta {
		return []error{fmt.Errorf("year %s: a limit of %d nano-μ² gives δ = %g at ε = %g, promised %g", name, y.LimitNano, got, y.Epsilon, y.Delta)}
	}
	return nil
}

func windowOf(plan *policy.Plan, release string) (policy.Window, bool) {
	for _, c := range []policy.Cadence{policy.Weekly, policy.Periodic, policy.YearStream} {
		for _, w := range plan.Policy.Windows(c) {
			if string(policy.ReleaseID(w)) == release {
				return w, true
			}
		}
	}
	return policy.Window{}, false
}
