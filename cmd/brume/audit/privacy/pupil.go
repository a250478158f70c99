package privacy

import (
	"time"

	"brume/cmd/brume/audit/truth"
	"brume/schemas/policy"
	"brume/schemas/registry"
)

// Worst is what the worst-case pupil of a school does in one week: everything
// that a cap of the plan bounds, so many times over, all in as many cells as may
// count and never in more, so that no choice is left to a secret key.
func Worst(plan *policy.Plan, reg *registry.Registry, school registry.School, at time.Time, times int) []truth.Fact {
	f := truth.Fact{
		Home: plan.Policy.Identity.HomePages[0], Name: "canary-" + school.UAI.String(), School: school.UAI.String(),
		Level: reg.Levels[0].Code, Score: 1000, Seconds: -1, Time: at,
	}
	m := most(plan, times)
	var facts []truth.Fact
	for i := range max(m.subjects, m.tools, 1) {
		f.Subject = reg.Subjects[min(i, m.subjects-1, len(reg.Subjects)-1)].Code
		f.Tool = reg.Tools[min(i, m.tools-1, len(reg.Tools)-1)].Code
		facts = append(facts, f)
	}
	f = facts[0]
	f.Outcome, f.Score, f.Seconds = "successes", -1, longest
	for range max(m.answers, m.sittings) {
		facts = append(facts, f)
	}
	return facts
}

// longest is the longest duration that counts, in seconds.
const longest = 4 * 3600

// limits are what a worst-case pupil has to reach.
type limits struct{ subjects, tools, answers, sittings int }

// most reads them off a plan. Scores count once in each subject; answers and
// minutes fall into one subject, so many times their caps.
func most(plan *policy.Plan, times int) limits {
	m := limits{subjects: 1, tools: 1}
	for _, f := range plan.Families {
		switch f.Measure {
		case policy.Outcomes:
			m.answers = max(m.answers, int(f.Cap)*times)
		case policy.Minutes:
			m.sittings = max(m.sittings, int(f.Cap)*times*60/longest+1)
		}
		for _, d := range f.By {
			switch d {
			case policy.Subject:
				if f.Measure == policy.Active || f.Measure == policy.Scores {
					m.subjects = max(m.subjects, f.Cells)
				}
			case policy.Tool:
				m.tools = max(m.tools, f.Cells)
			}
		}
	}
	return m
}

// School invents the i-th school of an audit, alone in its department: all the
// cells in which its canary counts are its own, so that the trials of the
// audit are independent.
func School(i int, zone string) (registry.School, registry.Department) {
	uai := registry.UAI(firstUAI + i)
	d := registry.Department{Code: "audit-" + uai.String(), Name: "Audit " + uai.String(), Academy: "Audit", Zone: zone}
	return registry.School{
		UAI: uai, Name: "Audit " + uai.String(), Kind: registry.College, Sector: registry.Public,
		Department: d.Code, Enrolment: 100,
	}, d
}

// firstUAI is beyond the departments that exist.
const firstUAI = 990_0001
