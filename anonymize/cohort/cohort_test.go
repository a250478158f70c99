package cohort

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"brume/anonymize/exact"
	"brume/schemas/control"
	"brume/schemas/event"
	"brume/schemas/policy"
	"brume/schemas/quality"
	"brume/schemas/registry"
)

// glass is an AEAD that hides nothing, so that tests can look at exact sums.
type glass struct{}

func (glass) Encrypt(plain, _ []byte) ([]byte, error) { return plain, nil }
func (glass) Decrypt(plain, _ []byte) ([]byte, error) { return plain, nil }

// reveal returns the sums that are not zero, by cell.
func reveal(t testing.TB, v *exact.Vector) map[int]int64 {
	t.Helper()
	sums := map[int]int64{}
	for cell, n := range peek(t, v) {
		if n != 0 {
			sums[cell] = n
		}
	}
	return sums
}

// named gives the cells of sums their names: "family area level subject measure".
func named(y *Year, index int, sums map[int]int64) map[string]int64 {
	cells := y.Plan.Layout(y.Registry, y.cadences[weekly].windows[index]).Cells()
	out := map[string]int64{}
	for i, n := range sums {
		c := cells[i]
		name := c.Family
		for _, s := range []string{c.Area, c.Level, c.Subject, c.Measure} {
			if s != "" {
				name += " " + s
			}
		}
		out[name] = n
	}
	return out
}

func newYear(t testing.TB) *Year {
	t.Helper()
	return yearOf(t, registry.Demonstration(0))
}

func yearOf(t testing.TB, reg *registry.Registry) *Year {
	t.Helper()
	return newYearOf(t, defaultPolicy(t), reg)
}

var logged = time.Date(2026, 9, 15, 12, 0, 0, 0, time.UTC)

// open returns a partition whose year is open.
func open(t testing.TB, y *Year) *Partition {
	t.Helper()
	p := NewPartition(Env{y.Name: y})
	r := control.Record{Kind: control.Config, Year: y.Name, PolicyHash: y.Plan.PolicyHash, RegistryHash: y.Registry.Hash(), FoldVersion: FoldVersion}
	if _, err := p.Control(r); err != nil {
		t.Fatal(err)
	}
	return p
}

func closing(y *Year, index int) control.Record {
	return control.Record{Kind: control.Close, Year: y.Name, Cadence: "week", Window: y.cadences[weekly].windows[index].Label, Index: index}
}

// at returns an event in the middle of a week of the year.
func at(y *Year, pupil string, index int, id uint64) event.Event {
	return event.Event{
		Actor: event.NewActor("account:https://ent.lyon.example|" + pupil), Scope: "https://ent.lyon.example",
		School: y.Registry.Schools[0].UAI, Hour: int32(y.cadences[weekly].windows[index].Start.Add(60*time.Hour).Unix() / 3600),
		Score: event.NoScore, Duration: event.NoDuration, Fingerprint: id,
	}
}

func TestSumsOfAWeek(t *testing.T) {
	y := newYear(t)
	p := open(t, y)
	one, two := y.Registry.Schools[0], y.Registry.Schools[1]
	level := y.Registry.Levels[0]
	subject := y.Registry.Subjects[0]
	var id uint64
	fold := func(pupil string, change func(*event.Event)) {
		id++
		e := at(y, pupil, 2, id)
		change(&e)
		p.Fold(&e, logged)
	}
	for range 3 { // one pupil, three successes and a level
		fold("a", func(e *event.Event) { e.Level, e.Subject, e.Outcome = level.ID, subject.ID, event.Success })
	}
	fold("a", func(e *event.Event) { e.Subject, e.Outcome = subject.ID, event.Failure }) // no level said: "a" keeps the known one
	fold("b", func(e *event.Event) { e.School = two.UAI })                               // active, level unknown
	fold("c", func(e *event.Event) { e.School = 1 })                                     // a school that the registry does not know
	fold("c", func(e *event.Event) { e.School = one.UAI })                               // then a known one: that is the home
	closed, err := p.Control(closing(y, 2))
	if err != nil || len(closed) != 3 {
		t.Fatalf("%d windows closed, %v; want the week and the two before it", len(closed), err)
	}
	got := named(y, 2, reveal(t, closed[2].Sums))
	want := map[string]int64{
		"school_week_active " + one.UAI.String() + " active":                                        2,
		"school_week_active " + two.UAI.String() + " active":                                        1,
		"department_week_active_by_level " + one.Department + " " + level.Code + " active":          1,
		"department_week_active_by_level " + one.Department + " other active":                       2,
		"department_week_outcomes_by_subject " + one.Department + " " + subject.Code + " successes": 3,
		"department_week_outcomes_by_subject " + one.Department + " " + subject.Code + " failures":  1,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got, +want):\n%s", diff)
	}
	for _, i := range []int{0, 1} {
		if sums := reveal(t, closed[i].Sums); len(sums) != 0 {
			t.Errorf("week %d: %v, want nothing", i, sums)
		}
	}
}

func TestWhatIsNotFolded(t *testing.T) {
	y := newYear(t)
	last := len(y.cadences[weekly].windows) - 1
	tests := []struct {
		name   string
		closed int // windows closed up to this index before; -1: none
		change func(*event.Event)
		week   int
		want   Counts
	}{
		{"in its own open week", -1, nil, 5, Counts{Folded: 1}},
		{"its week closed: the next open one", 5, nil, 5, Counts{Folded: 1, Late: 1}},
		{"three weeks late still counts", 8, nil, 5, Counts{Folded: 1, Late: 1}},
		{"four weeks late does not", 9, nil, 5, Counts{Dropped: map[string]int64{DropTooLate: 1}}},
		{"every week closed", last, nil, last, Counts{Dropped: map[string]int64{DropAfterYear: 1}}},
		{"another identity", -1, func(e *event.Event) { e.Scope = "https://elsewhere.example" }, 5, Counts{Dropped: map[string]int64{DropIdentity: 1}}},
		{"another school year", -1, func(e *event.Event) { e.Hour -= 24 * 365 }, 5, Counts{Dropped: map[string]int64{DropYear: 1}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, y)
			if tt.closed >= 0 {
				if _, err := p.Control(closing(y, tt.closed)); err != nil {
					t.Fatal(err)
				}
			}
			e := at(y, "a", tt.week, 1)
			e.Publisher = 7
			if tt.change != nil {
				tt.change(&e)
			}
			p.Fold(&e, logged)
			if tt.want.Dropped == nil {
				tt.want.Dropped = map[string]int64{}
			}
			tt.want.Publishers = map[uint16]*quality.Fate{7: {Folded: tt.want.Folded, Late: tt.want.Late, Dropped: tt.want.Dropped}}
			if diff := cmp.Diff(p.Counts(), tt.want, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-got, +want):\n%s", diff)
			}
		})
	}
}

// What a publisher is told of a statement is the same for every pupil, else a
// statement would be a way to ask who has objected, and what other tools know.
func TestPublishersLearnNothingOfAPupil(t *testing.T) {
	y := newYear(t)
	for _, closed := range []int{-1, 5, 9} { // in time, late, too late
		var want *quality.Fate
		for _, kind := range []string{"any", "objected", "erased", "metered"} {
			p := open(t, y)
			e := at(y, "a", 5, 1)
			r := control.Record{Year: y.Name, Token: y.key.Token(y.key.Of(policy.ScopeShared, e.Actor.Reveal()))}
			switch kind {
			case "objected":
				r.Kind = control.Object
			case "erased":
				r.Kind = control.Erase
			case "metered":
				c := p.years[y.Name]
				pupil := c.pupils.add(y.key.Of(policy.ScopeShared, e.Actor.Reveal()))
				c.pupils.meters[0][weekly][pupil] = uint8(y.cadences[weekly].meter)
			}
			if r.Kind != 0 {
				if _, err := p.Control(r); err != nil {
					t.Fatal(err)
				}
			}
			if closed >= 0 {
				if _, err := p.Control(closing(y, closed)); err != nil {
					t.Fatal(err)
				}
			}
			e.Publisher = 7
			p.Fold(&e, logged)
			p.Fold(&e, logged) // and the repeat
			got := p.Counts().Publishers[7]
			if kind == "any" {
				want = got
			} else if p.Counts().Folded != 0 {
				t.Errorf("%s: folded", kind)
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("closed through %d, %s (-got, +want)\n%s", closed, kind, diff)
			}
		}
	}
}

func TestClosingAgainDoesNothing(t *testing.T) {
	y := newYear(t)
	p := open(t, y)
	for _, tt := range []struct{ index, want int }{{1, 2}, {1, 0}, {0, 0}, {2, 1}} {
		closed, err := p.Control(closing(y, tt.index))
		if err != nil || len(closed) != tt.want {
			t.Errorf("close through %d: %d windows, %v; want %d", tt.index, len(closed), err, tt.want)
		}
	}
}

func TestAWeekWithoutAnyAreaInSessionIsNoRelease(t *testing.T) {
	y := newYear(t)
	one, err := NewYear(y.Plan, registry.Demonstration(1), y.key)
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, one)
	closed, err := p.Control(closing(one, len(one.cadences[weekly].windows)-1))
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, w := range one.cadences[weekly].windows { // the department's zone, and that of unknown schools
		if y.Plan.Policy.InSession("B", w) || y.Plan.Policy.InSession("A", w) {
			want++
		}
	}
	if len(closed) != want || want == len(one.cadences[weekly].windows) {
		t.Errorf("%d of %d weeks released, want the %d in session", len(closed), len(one.cadences[weekly].windows), want)
	}
}

func TestConfigOfAnotherPolicyIsRefused(t *testing.T) {
	y := newYear(t)
	p := NewPartition(Env{y.Name: y})
	r := control.Record{Kind: control.Config, Year: y.Name, PolicyHash: [32]byte{1}, RegistryHash: y.Registry.Hash(), FoldVersion: FoldVersion}
	if _, err := p.Control(r); err == nil {
		t.Error("accepted")
	}
}

func TestAnOldConfigCopiedBackDoesNothing(t *testing.T) {
	y := newYear(t)
	p := NewPartition(Env{y.Name: y})
	config := control.Record{Kind: control.Config, Year: y.Name, PolicyHash: y.Plan.PolicyHash, RegistryHash: y.Registry.Hash(), FoldVersion: FoldVersion, Issued: logged}
	old := config
	old.PolicyHash, old.Issued = [32]byte{1}, logged.Add(-time.Hour)
	for i, r := range []control.Record{config, old, config} {
		if _, err := p.Control(r); err != nil {
			t.Errorf("record %d: %v", i, err)
		}
	}
}

func TestObjectionAndErasure(t *testing.T) {
	y := newYear(t)
	for _, tt := range []struct {
		kind   control.Kind
		reason string
		left   int64 // active pupils after
	}{{control.Object, DropObjection, 1}, {control.Erase, DropErased, 0}} {
		p := open(t, y)
		e := at(y, "a", 0, 1)
		p.Fold(&e, logged)
		token := y.key.Token(y.key.Of(policy.ScopeShared, e.Actor.Reveal()))
		if _, err := p.Control(control.Record{Kind: tt.kind, Year: y.Name, Token: token}); err != nil {
			t.Fatal(err)
		}
		e.Fingerprint = 2
		p.Fold(&e, logged)
		if got := p.Counts().Dropped[tt.reason]; got != 1 {
			t.Errorf("%v: %d dropped, want 1", tt.kind, got)
		}
		closed, err := p.Control(closing(y, 0))
		if err != nil {
			t.Fatal(err)
		}
		if got := named(y, 0, reveal(t, closed[0].Sums))["school_week_active "+y.Registry.Schools[0].UAI.String()+" active"]; got != tt.left {
			t.Errorf("%v: %d active, want %d", tt.kind, got, tt.left)
		}
	}
}
