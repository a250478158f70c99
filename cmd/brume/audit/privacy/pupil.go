package privacy

import (
	"fmt"
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

// Schools adds n schools with coins to a registry, in so many departments of
// their own; zones take turns. Where each has one, all the cells in which its
// canary counts are its alone; where they share, only those of schools are.
func Schools(reg *registry.Registry, n, departments int, zones []policy.Zone) []registry.School {
	for i := range departments {
		code := departmentCode(i)
		reg.Departments = append(reg.Departments, registry.Department{
			Code: code, Name: "Audit " + code, Academy: "Audit", Zone: zones[i%len(zones)].Name,
		})
	}
	first := len(reg.Schools)
	for i := range n {
		uai := registry.UAI(firstUAI + i)
		reg.Schools = append(reg.Schools, registry.School{
			UAI: uai, Name: "Audit " + uai.String(), Kind: registry.College, Sector: registry.Public,
			Department: departmentCode(i % departments), Enrolment: 100,
		})
	}
	return reg.Schools[first:]
}

// Both sort after everything that exists.
const firstUAI = 990_0001

func departmentCode(i int) string { return fmt.Sprintf("audit-%05d", i) }
