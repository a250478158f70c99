package audit

import (
	"math"
	"slices"

	"brume/schemas/policy"
	"brume/schemas/registry"
)

// growth is by how much the deviation of a year stream's total exceeds that of
// one draw, at the area's n-th step: sqrt(Σ f_j²) over n steps, with f_j² =
// (C(2j, j)/4^j)² (Fichtenberger, Henzinger, Upadhyay 2023). Only the steps that
// the ledger knows of this stream count: another plan may have begun it anew.
func (l *Ledger) growth(plan *policy.Plan, reg *registry.Registry, family, area string, w policy.Window) float64 {
	zone := zoneOf(plan, reg, area)
	sum, f := 0.0, 1.0
	lag := 0
	windows := plan.Policy.Windows(policy.YearStream)
	for i := w.Index; i >= 0; i-- {
		if !plan.Policy.InSession(zone, windows[i]) {
			continue
		}
		if lag > 0 {
			f *= 1 - 1/(2*float64(lag))
		}
		lag++
		if e := l.entry(string(policy.ReleaseID(windows[i]))); e != nil && slices.Contains(e.Reserved.Streams, family) {
			sum += f * f
		}
	}
	return math.Sqrt(sum)
}

// zoneOf is the holiday zone of a school or a department.
func zoneOf(plan *policy.Plan, reg *registry.Registry, area string) string {
	if d, ok := reg.Department(area); ok {
		return d.Zone
	}
	if uai, err := registry.ParseUAI(area); err == nil {
		return reg.ZoneOf(uai, plan.Policy.Calendar.OtherZone)
	}
	return plan.Policy.Calendar.OtherZone
}
