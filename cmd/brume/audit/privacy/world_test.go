package privacy

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"brume/anonymize/cohort"
	"brume/anonymize/exact"
	"brume/anonymize/pseudonym"
	"brume/cmd/brume/audit/truth"
	"brume/schemas/control"
	"brume/schemas/event"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/release"
)

// world is the direct mode: a cohort, a ledger in memory and the gate's token
// and noise, without ingest, Kafka and ClickHouse between them. Tests plant bugs
// in what passes from one to the other; the code of neither is changed.
type world struct {
	plan *policy.Plan // the auditor's, the right one
	reg  *registry.Registry

	auditors []*Auditor // of each run

	folded *policy.Plan                                                      // what the cohort clips by
	sigma  func(f policy.FamilyPlan) float64                                 // what the gate draws
	sums   func(i int, was []*exact.Vector) (*exact.Vector, error)           // what reaches the gate
	after  func(r *release.Release, take func(*release.Release) error) error // what is published
}

// shortYear spends the default year's whole μ² in four weeks on three families
// of the default plan's kinds: the same statistics as a full year's, with fewer
// draws.
func shortYear(t testing.TB) *policy.Plan {
	t.Helper()
	p, err := policy.Default("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.Clone(); err != nil {
		t.Fatal(err)
	}
	p.Calendar.Zones = []policy.Zone{{Name: "A", Weeks: []string{"2026-W36", "2026-W37", "2026-W38", "2026-W39"}}}
	p.Families = []policy.Family{
		{Name: "school_active", Cadence: policy.Weekly, Area: policy.BySchool, Measure: policy.Active, Cells: 1, Cap: 1, Share: 0.4, Force: true},
		{Name: "school_outcomes", Cadence: policy.Weekly, Area: policy.BySchool, Measure: policy.Outcomes, Cells: 1, Cap: 4, Share: 0.4, Force: true},
		{Name: "department_active", Cadence: policy.Weekly, Area: policy.ByDepartment, Measure: policy.Active, Cells: 1, Cap: 1, Share: 0.2, Force: true},
	}
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func newWorld(t testing.TB, schools int) *world {
	w := &world{plan: shortYear(t), reg: registry.Demonstration(1)}
	w.reg = &registry.Registry{Levels: w.reg.Levels, Subjects: w.reg.Subjects, Tools: w.reg.Tools}
	Schools(w.reg, schools, schools, w.plan.Policy.Calendar.Zones)
	if err := w.reg.Validate(); err != nil {
		t.Fatal(err)
	}
	w.folded = w.plan
	w.sigma = func(f policy.FamilyPlan) float64 { return f.Sigma }
	w.sums = func(i int, was []*exact.Vector) (*exact.Vector, error) { return was[i], nil }
	w.after = func(r *release.Release, take func(*release.Release) error) error { return take(r) }
	return w
}

// history is what was sent in a year and what a cohort made of it.
type history struct {
	coins          []bool
	vectors        []*exact.Vector
	sent, canaries []truth.Sums
}

// soundly is the history of the right cohort: tests that plant a bug behind it
// share one.
var soundly struct {
	sync.Once
	history
}

// fold sends the year to a cohort: a coin for each school and a few other
// pupils.
func (w *world) fold(t testing.TB) (h history) {
	t.Helper()
	year := w.year(t)
	part := cohort.NewPartition(cohort.Env{year.Name: year})
	w.control(t, part, control.Record{Kind: control.Config, PolicyHash: w.folded.PolicyHash, RegistryHash: w.reg.Hash(), FoldVersion: cohort.FoldVersion})
	sent, canaries, id := truth.NewYear(w.plan, w.reg), truth.NewYear(w.plan, w.reg), uint64(0)
	for range w.reg.Schools {
		h.coins = append(h.coins, rand.IntN(2) == 0)
	}
	for n, window := range w.plan.Policy.Windows(policy.Weekly) {
		at := window.Start.Add(60 * time.Hour)
		give := func(facts ...truth.Fact) {
			for _, f := range facts {
				sent.Add(f)
				id++
				e := w.event(f, id)
				part.Fold(&e, at)
			}
		}
		for i, s := range w.reg.Schools {
			worst := Worst(w.plan, w.reg, s, at, 4)
			for _, f := range worst {
				canaries.Add(f)
			}
			if h.coins[i] {
				give(worst...)
			}
			if i%7 == 0 { // others, whom the truth has to take away again
				f := worst[0]
				f.Name, f.Outcome = fmt.Sprint("pupil-", i), "failures"
				give(f)
			}
		}
		closed := w.control(t, part, control.Record{Kind: control.Close, Cadence: "week", Window: window.Label, Index: n})
		all, err1 := sent.Close(window)
		alone, err2 := canaries.Close(window)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		h.vectors, h.sent, h.canaries = append(h.vectors, closed[0].Sums), append(h.sent, all), append(h.canaries, alone)
	}
	return h
}

// audit releases the year, as the gate does, and audits what comes out.
func (w *world) audit(t testing.TB, confidence float64) (Report, error) {
	t.Helper()
	var h history
	if w.folded != w.plan || len(w.reg.Schools) != manySchools {
		h = w.fold(t)
	} else {
		soundly.Do(func() { soundly.history = w.fold(t) })
		h = soundly.history
	}
	a, book := New(w.plan), w.book(t)
	w.auditors = append(w.auditors, a)
	for i, s := range w.reg.Schools {
		a.Plant(h.coins[i], s.UAI.String(), s.Department)
	}
	for n, window := range w.plan.Policy.Windows(policy.Weekly) {
		sums, err := w.sums(n, h.vectors)
		if err != nil {
			t.Fatal(err)
		}
		r := w.release(t, book, window, sums)
		if err := w.after(r, func(r *release.Release) error { return a.Take(r, h.sent[n], h.canaries[n]) }); err != nil {
			return Report{}, err
		}
	}
	return a.Report(math.Sqrt(spent(w.plan)), confidence), nil
}

// spent is what the whole short year costs.
func spent(plan *policy.Plan) (mu2 float64) {
	for _, f := range plan.Families {
		mu2 += float64(f.YearNano()) * 1e-9
	}
	return mu2
}

func (w *world) year(t testing.TB) *cohort.Year {
	t.Helper()
	handle, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	key, err := pseudonym.New(handle)
	if err != nil {
		t.Fatal(err)
	}
	year, err := cohort.NewYear(w.folded, w.reg, key)
	if err != nil {
		t.Fatal(err)
	}
	return year
}

func (w *world) control(t testing.TB, p *cohort.Partition, r control.Record) []cohort.Closed {
	t.Helper()
	r.Year = w.plan.Policy.SchoolYear
	closed, err := p.Control(r)
	if err != nil {
		t.Fatal(err)
	}
	return closed
}

// event is what the endpoint makes of a statement.
func (w *world) event(f truth.Fact, id uint64) event.Event {
	uai, _ := registry.ParseUAI(f.School)
	e := event.Event{
		Actor: event.NewActor("account:" + f.Home + "|" + f.Name), Scope: f.Home, School: uai,
		Level: w.reg.LevelID(f.Level), Subject: w.reg.SubjectID(f.Subject), Score: int16(f.Score),
		Duration: int32(f.Seconds), Hour: int32(f.Time.Unix() / 3600), Fingerprint: id,
	}
	switch f.Outcome {
	case "successes":
		e.Outcome = event.Success
	case "failures":
		e.Outcome = event.Failure
	}
	return e
}

// copyOf copies sums: drawing noise clears them.
func (w *world) copyOf(t testing.TB, v *exact.Vector) *exact.Vector {
	t.Helper()
	out := exact.New(v.Len())
	if err := out.Merge(v); err != nil {
		t.Fatal(err)
	}
	return out
}
