package cohort

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"brume/anonymize/budget"
	"brume/schemas/control"
	"brume/schemas/event"
	"brume/schemas/policy"
)

// changed is the year of the whole plan in which another replaces it from a week
// on: other caps, cells, prices and families, a stream that goes on and one that
// begins anew.
func changed(t testing.TB, from string, price float64) *Year {
	t.Helper()
	y := fullYear(t)
	p, err := y.Plan.Policy.Clone()
	if err != nil {
		t.Fatal(err)
	}
	p.Name, p.From = "changed", from
	p.Families = slices.DeleteFunc(p.Families, func(f policy.Family) bool { return f.Name == "d_scores_subject" || f.Name == "s_half_minutes" })
	for i := range p.Families {
		switch f := &p.Families[i]; f.Name {
		case "d_active_level_subject", "s_half_active_subject":
			f.Cells, f.Share = 2, f.Share*price
		case "s_active":
			f.Share *= price
		case "d_minutes_subject":
			f.Name, f.Cap = "d_minutes", 60
			f.By, f.Cells = nil, 1
		case "d_ever_active":
			f.Name, f.Share = "d_ever_anew", f.Share/2
		}
	}
	plan, err := p.Plan()
	if err != nil {
		t.Fatal(err)
	}
	if y, err = NewYears([]*policy.Plan{y.Plan, plan}, y.Registry, y.key); err != nil {
		t.Fatal(err)
	}
	return y
}

// configOf is the CONFIG of a plan of the year.
func configOf(y *Year, signed time.Time) control.Record {
	return control.Record{
		Kind: control.Config, Year: y.Name, PolicyHash: y.Plan.PolicyHash, RegistryHash: y.Registry.Hash(),
		FoldVersion: FoldVersion, Issued: signed,
	}
}

// play gives the same history to a partition with all pupils and to one that
// gets none of the first pupil's events, restores both at any time, closes what
// is still open, and returns what each emitted.
func play(t testing.TB, y *Year, r *rand.Rand, events []event.Event, controls bool) (with, without []Closed) {
	one, other := NewPartition(Env{y.Name: y}), NewPartition(Env{y.Name: y})
	do := func(record control.Record) {
		a, err1 := one.Control(record)
		b, err2 := other.Control(record)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		with, without = append(with, a...), append(without, b...)
	}
	do(configOf(y.chain()[0], logged))
	if !controls {
		do(configOf(y, logged.Add(time.Hour)))
	}
	first := pupilOf(y, 0)
	for i := range events {
		e := &events[i]
		when := logged.Add(time.Duration(i) * time.Hour / 4)
		one.Fold(e, when)
		if e.Actor != first {
			other.Fold(e, when)
		}
		if controls && r.IntN(8) == 0 {
			disturb(t, y, r, &one, &other, do)
		}
	}
	do(closingOf(y, weekly, len(y.cadences[weekly].windows)-1))
	do(closingOf(y, periodic, len(y.cadences[periodic].windows)-1))
	return with, without
}

// disturb does to both partitions one of the things that are no event.
func disturb(t testing.TB, y *Year, r *rand.Rand, one, other **Partition, do func(control.Record)) {
	switch r.IntN(13) {
	case 12:
		do(configOf(y, logged.Add(time.Hour)))
	case 0, 1, 2, 3:
		do(closingOf(y, weekly, r.IntN(len(y.cadences[weekly].windows))/2))
	case 4, 5:
		do(closingOf(y, periodic, 0))
	case 6:
		do(closingOf(y, weekly, r.IntN(len(y.cadences[weekly].windows))))
	case 7:
		gap := gapAt(*one, 1+r.Int64N(9), middle(y, r.IntN(len(y.cadences[weekly].windows))))
		if !(*one).Gap(gap) || !(*other).Gap(gap) {
			t.Fatal("the gap is refused")
		}
	case 8:
		kind := []control.Kind{control.Object, control.Erase}[r.IntN(2)]
		pupil := y.key.Of(policy.ScopeShared, pupilOf(y, r.IntN(crowded)).Reveal())
		do(control.Record{Kind: kind, Year: y.Name, Token: y.key.Token(pupil)})
	default: // another instance takes over
		for _, p := range []**Partition{one, other} {
			s, err := (*p).Snapshot()
			if err != nil {
				t.Fatal(err)
			}
			if *p, err = Restore(Env{y.Name: y}, s); err != nil {
				t.Fatal(err)
			}
		}
	}
}

const crowded = 3

func pupilOf(y *Year, n int) event.Actor { return at(y, strconv.Itoa(n), 0, 0).Actor }

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// wild draws events that do everything a tool could: several schools and zones,
// unknown codes, shared and repeated ids, clocks that are wrong, holidays,
// scores and durations that nothing has checked.
func wild(y *Year, r *rand.Rand, n int) []event.Event {
	events := make([]event.Event, n)
	start := y.cadences[weekly].windows[0].Start
	focus := r.IntN(3) // some histories have one school, or one subject
	for i := range events {
		e := at(y, strconv.Itoa(max(0, r.IntN(2*crowded-1)-crowded+1)), 0, r.Uint64N(uint64(2*n)))
		e.Hour = event.Hour(start.Add(time.Duration(r.IntN(24*7*10)-24) * time.Hour))
		e.School = y.Registry.Schools[0].UAI
		if focus != 0 {
			e.School = pick(r, 0, 1, y.Registry.Schools[0].UAI, y.Registry.Schools[1].UAI, y.Registry.Schools[2].UAI, y.Registry.Schools[3].UAI)
		}
		e.Level, e.Tool = uint8(r.IntN(6)), pick[uint16](r, 0, 1, 2, 7, 300, 301, 65535)
		if focus != 1 {
			e.Subject = uint8(r.IntN(15))
		}
		e.Outcome = event.Outcome(r.IntN(3))
		e.Score = pick[int16](r, event.NoScore, 0, 99, 100, 500, 999, 1000, 1001, math.MaxInt16, math.MinInt16)
		e.Duration = pick[int32](r, event.NoDuration, 0, 59, 60, 1800, 14400, math.MaxInt32, math.MinInt32)
		events[i] = e
	}
	return events
}

// distance is how far apart the figures of two neighbours are before the noise:
// by plan and family, the squared L2 norm of each window, and of each year stream
// the one that its noise is planned for; and what the ledger charged.
type distance struct {
	windows map[*policy.Plan][]map[string]int64 // by family and label
	streams map[string]float64                  // by family
	charged *budget.Account
}

// distanceOf compares what two partitions emitted. A stream's running totals
// are A·x, A = B², and its noise is B·z: what counts is B⁻¹ of their difference,
// over each zone's own steps, up to the first gapped one.
func distanceOf(t testing.TB, y *Year, with, without []Closed) distance {
	if len(with) != len(without) {
		t.Fatalf("%d releases against %d", len(with), len(without))
	}
	d := distance{map[*policy.Plan][]map[string]int64{}, map[string]float64{}, budget.NewAccount(math.MaxInt64)}
	type cell struct {
		family string
		area   int
	}
	steps := map[cell][]float64{}
	begun, once := map[string]bool{}, map[policy.Window]bool{}
	ended := false
	for n, c := range with {
		if c.Gapped != without[n].Gapped || c.Window != without[n].Window {
			t.Fatalf("release %d differs", n)
		}
		a, b := peek(t, c.Sums), peek(t, without[n].Sums)
		if c.Plan != without[n].Plan || once[c.Window] {
			t.Fatalf("%s is released under two plans", c.Window.Label)
		}
		once[c.Window] = true
		layout := c.Plan.Layout(y.Registry, c.Window)
		ended = ended || c.Window.Cadence == policy.YearStream && c.Gapped
		d.charge(t, c, begun)
		if d.windows[c.Plan] == nil {
			d.windows[c.Plan] = make([]map[string]int64, len(c.Plan.Families))
		}
		windows := d.windows[c.Plan]
		for f := range c.Plan.Families {
			from, to := layout.Range(f)
			if c.Window.Cadence == policy.YearStream {
				for area := -1; area < len(y.Registry.Schools) && !ended; area++ {
					if i, ok := layout.Index(f, area, 0, 0, 0, 0); ok {
						key := cell{c.Plan.Families[f].Name, area}
						steps[key] = append(steps[key], float64(a[i]-b[i]))
					}
				}
				continue
			}
			var square int64
			for cell := from; cell < to; cell++ {
				square += (a[cell] - b[cell]) * (a[cell] - b[cell])
			}
			if square > 0 {
				if windows[f] == nil {
					windows[f] = map[string]int64{}
				}
				windows[f][c.Window.Label] += square
			}
		}
	}
	for key, totals := range steps {
		for i := range totals {
			var u, g float64 = 0, 1 // B⁻¹: (1−x)^½
			for j := range i + 1 {
				u += g * totals[i-j]
				g *= (float64(j) - 0.5) / float64(j+1)
			}
			d.streams[key.family] += u * u
		}
	}
	return d
}

// charge adds what a release costs: a stream once.
func (d distance) charge(t testing.TB, c Closed, begun map[string]bool) {
	costs := budget.Costs(c.Plan, c.Window)
	streams := budget.Streams(c.Plan, c.Window)
	costs = slices.DeleteFunc(costs, func(cost budget.Cost) bool { return begun[cost.Family] })
	for _, f := range streams {
		begun[f] = true
	}
	if err := d.charged.Charge(costs); err != nil {
		t.Fatal(err)
	}
}

// within requires that the distance is at most what the plans pay for, and all
// of it at most what the ledger charged.
func (d distance) within(t testing.TB, y *Year, history any) {
	nano, paid := 0.0, map[string]bool{}
	for plan, windows := range d.windows {
		for i, f := range plan.Families {
			bound := int64(f.Delta2Caps) * f.Cap * f.Cap
			for label, square := range windows[i] {
				if square > bound {
					t.Errorf("history %v: %s, %s: squared L2 norm %d, planned %d", history, f.Name, label, square, bound)
				}
				nano += float64(square) / float64(bound) * float64(f.CostNanoMu2)
			}
			if len(windows[i]) > f.Windows {
				t.Errorf("history %v: %s: %d windows, planned %d", history, f.Name, len(windows[i]), f.Windows)
			}
			if d.streams[f.Name] > f.Delta2Caps*(1+1e-9) {
				t.Errorf("history %v: %s: squared L2 norm %v of the stream, planned %v", history, f.Name, d.streams[f.Name], f.Delta2Caps)
			}
			if !paid[f.Name] {
				nano += d.streams[f.Name] / f.Delta2Caps * float64(f.CostNanoMu2)
				paid[f.Name] = f.Cadence == policy.YearStream
			}
		}
	}
	if charged := float64(d.charged.Spent()); nano > charged*(1+1e-9) {
		t.Errorf("history %v: the pupil's year is worth %v nano-μ², charged %v", history, nano, charged)
	}
}

// histories is how many TestSensitivityOfOnePupil draws: make sensitivity asks
// for more.
func histories(t testing.TB) uint64 {
	if s := os.Getenv("BRUME_HISTORIES"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if testing.Short() {
		return 500
	}
	return 5000
}

// ★ The unit is one pupil. Whatever the pupil's tools send, whatever is closed,
// lost, erased or taken over meanwhile, leaving all of the pupil's events out
// changes each window's sums of each family by no more than the planned L2
// norm, in no more windows than are paid for, and the year streams, weighed as
// their noise is, by no more than theirs.
//
// The same holds where another plan replaces the first at any moment, in time or
// late: all together is at most what the ledger charged under both.
func TestSensitivityOfOnePupil(t *testing.T) {
	years := []*Year{
		fullYear(t), fullYear(t), fullYear(t),
		changed(t, "2026-W38", 0.3), changed(t, "2026-W40", 1.1), changed(t, "2026-W42", 0.5),
	}
	for seed := range histories(t) {
		r := rand.New(rand.NewPCG(seed, 1))
		y := years[seed%uint64(len(years))]
		with, without := play(t, y, r, wild(y, r, 1+r.IntN(60)), true)
		distanceOf(t, y, with, without).within(t, y, seed)
		if t.Failed() {
			return
		}
	}
}

// ★ The same for a pupil of a hundred thousand events, in every week, school,
// zone, subject and tool, and for one whose repeats are all that is sent.
func TestSensitivityOfAFlood(t *testing.T) {
	y := fullYear(t)
	n := 100_000
	if testing.Short() {
		n = 5_000
	}
	r := rand.New(rand.NewPCG(0, 2))
	events := wild(y, r, n)
	for i := range events {
		events[i].Actor, events[i].Fingerprint = pupilOf(y, 0), uint64(i)
	}
	repeated := wild(y, r, 1)
	repeated[0].Actor = pupilOf(y, 0)
	for len(repeated) < n/10 {
		repeated = append(repeated, repeated[0])
	}
	for name, events := range map[string][]event.Event{"flood": events, "repeats": repeated} {
		with, without := play(t, y, r, events, false)
		d := distanceOf(t, y, with, without)
		d.within(t, y, name)
		if name == "flood" && d.streams["s_ever_active"] == 0 {
			t.Error("the flood reaches no year stream")
		}
	}
}

// ★ A pupil who is in every zone's weeks before and after a change of plan is
// held to what one zone is charged, wherever the change falls and whichever plan
// is dearer; a meter that began anew would let twice as much pass.
func TestSensitivityOfAMoverAcrossPlans(t *testing.T) {
	for _, from := range []string{"2026-W37", "2026-W38", "2026-W39", "2026-W40", "2026-W41", "2026-W42", "2026-W43", "2026-W44"} {
		for _, price := range []float64{0.1, 1.1} {
			y := changed(t, from, price)
			var events []event.Event
			for _, w := range y.cadences[weekly].windows {
				for i, school := range y.Registry.Schools {
					for subject := range 6 {
						e := at(y, "0", w.Index, uint64(w.Index*1000+i*10+subject))
						e.School, e.Level, e.Subject, e.Tool = school.UAI, 3, uint8(2*subject+2), 1
						e.Outcome, e.Score, e.Duration = event.Success, 1000, 14400
						events = append(events, e)
					}
				}
			}
			with, without := play(t, y, nil, events, false)
			distanceOf(t, y, with, without).within(t, y, from)
			slices.Reverse(events)
			with, without = play(t, y, nil, events, false)
			distanceOf(t, y, with, without).within(t, y, from+" backwards")
		}
	}
}

// ★ Every planned bound is reached, in every window that is paid for: by a
// pupil who is active from the first week on in more levels, subjects and tools
// than count, or by one who answers rightly, for hours, in a single one.
func TestEveryPlannedBoundIsReached(t *testing.T) {
	y := fullYear(t)
	most := make([]float64, len(y.Plan.Families)) // Σ over the year
	for _, spread := range []int{1, 12} {
		var events []event.Event
		for _, w := range y.cadences[weekly].windows {
			for i := range 10 * spread {
				e := at(y, "0", w.Index, uint64(w.Index*1000+i))
				e.School, e.Level, e.Subject = y.Registry.Schools[1].UAI, uint8(3+i%spread%2), uint8(2*(1+i%spread%6))
				e.Tool = []uint16{1, 2, 7, 300}[i%spread%4]
				e.Outcome, e.Score, e.Duration = event.Success, 1000, 14400
				if y.Plan.Policy.InSession("A", w) {
					events = append(events, e)
				}
			}
		}
		with, without := play(t, y, nil, events, false)
		d := distanceOf(t, y, with, without)
		d.within(t, y, spread)
		for i := range most {
			sum := d.streams[y.Plan.Families[i].Name]
			for _, square := range d.windows[y.Plan][i] {
				sum += float64(square)
			}
			most[i] = max(most[i], sum)
		}
	}
	for i, f := range y.Plan.Families {
		want := float64(f.Windows) * f.Delta2Caps * float64(f.Cap*f.Cap)
		if math.Abs(most[i]/want-1) > 1e-9 {
			t.Errorf("%s: squared L2 norm of the year %v, planned %v", f.Name, most[i], want)
		}
	}
}
