package policy

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func mustDefault(t testing.TB, year string) *Policy {
	t.Helper()
	p, err := Default(year)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func hour(t testing.TB, p *Policy, at string) int32 {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04", at, p.Location())
	if err != nil {
		t.Fatal(err)
	}
	return int32(when.Unix() / 3600)
}

func TestDefaultCalendars(t *testing.T) {
	for _, year := range []string{"2021-2022", "2026-2027"} {
		p := mustDefault(t, year)
		if n := len(p.Windows(Weekly)); n != 40 {
			t.Errorf("%s: %d weeks in the union of the zones, want 40", year, n)
		}
		for _, zone := range []string{"A", "B", "C"} {
			if w, h := p.ZoneWindows(zone, Weekly), p.ZoneWindows(zone, Periodic); w != 36 || h != 5 {
				t.Errorf("%s: zone %s has %d weeks and %d half-terms, want 36 and 5", year, zone, w, h)
			}
		}
		for c, n := range map[Cadence]int{Weekly: 40, YearStream: 40, Periodic: 5, "day": 0} {
			windows := p.Windows(c)
			if len(windows) != n {
				t.Errorf("%s: %d windows of cadence %s, want %d", year, len(windows), c, n)
			}
			for i, w := range windows {
				if w.Index != i || w.Cadence != c || w.Year != year || !w.Start.Before(w.End) || i > 0 && !windows[i-1].Start.Before(w.Start) {
					t.Errorf("%s: window %d is %+v", year, i, w)
				}
			}
		}
	}
	if _, err := Default("1999-2000"); err == nil {
		t.Error("a school year without a default policy: want an error")
	}
}

// TestHolidays checks the official dates: the last day before each holiday and
// the day of the return are in session, the weeks between are not.
func TestHolidays(t *testing.T) {
	for _, c := range []struct{ year, zone, last, back string }{
		{"2026-2027", "A", "2026-10-16", "2026-11-02"},
		{"2026-2027", "C", "2026-12-18", "2027-01-04"},
		{"2026-2027", "A", "2027-02-12", "2027-03-01"},
		{"2026-2027", "B", "2027-02-19", "2027-03-08"},
		{"2026-2027", "C", "2027-02-05", "2027-02-22"},
		{"2026-2027", "A", "2027-04-09", "2027-04-26"},
		{"2026-2027", "B", "2027-04-16", "2027-05-03"},
		{"2026-2027", "C", "2027-04-02", "2027-04-19"},
		{"2021-2022", "B", "2021-10-22", "2021-11-08"},
		{"2021-2022", "B", "2021-12-17", "2022-01-03"},
		{"2021-2022", "A", "2022-02-11", "2022-02-28"},
		{"2021-2022", "B", "2022-02-04", "2022-02-21"},
		{"2021-2022", "C", "2022-02-18", "2022-03-07"},
		{"2021-2022", "A", "2022-04-15", "2022-05-02"},
		{"2021-2022", "B", "2022-04-08", "2022-04-25"},
		{"2021-2022", "C", "2022-04-22", "2022-05-09"},
	} {
		p := mustDefault(t, c.year)
		last, ok1 := p.WindowFor(c.zone, Weekly, hour(t, p, c.last+" 23:00"))
		back, ok2 := p.WindowFor(c.zone, Weekly, hour(t, p, c.back+" 00:00"))
		windows := p.Windows(Weekly)
		if !ok1 || !ok2 || windows[last].Start.Format(time.DateOnly) > c.last || windows[last].End.Format(time.DateOnly) < c.last ||
			windows[back].Start.Format(time.DateOnly) != c.back {
			t.Errorf("%+v: last %v, back %v", c, windows[last], windows[back])
		}
		day, _ := time.ParseInLocation(time.DateOnly, c.last, p.Location())
		if between, ok := p.WindowFor(c.zone, Weekly, int32(day.AddDate(0, 0, 6).Unix()/3600)); !ok || between != back {
			t.Errorf("%+v: an event within the holiday counts in %d, want %d", c, between, back)
		}
	}
}

func TestWindowFor(t *testing.T) {
	p := mustDefault(t, "2026-2027")
	for _, c := range []struct {
		zone, at string
		cadence  Cadence
		want     string // label; "" for none
	}{
		{"A", "2026-09-01 00:00", Weekly, "2026-W36"},
		{"A", "2026-08-31 23:00", Weekly, ""}, // the week has begun, the school year has not
		{"A", "2026-09-06 23:00", Weekly, "2026-W36"},
		{"A", "2026-09-07 00:00", Weekly, "2026-W37"},
		{"A", "2026-10-25 02:00", Weekly, "2026-W45"}, // the clock goes back within the holiday
		{"B", "2027-02-20 12:00", Weekly, "2027-W07"}, // Saturday of the last week
		{"B", "2027-02-22 00:00", Weekly, "2027-W10"},
		{"C", "2027-02-22 00:00", Weekly, "2027-W08"},
		{"A", "2027-07-04 23:00", Weekly, "2027-W26"},
		{"A", "2027-07-05 00:00", Weekly, ""}, // after the last window
		{"A", "2027-08-31 23:00", Weekly, ""},
		{"Guadeloupe", "2026-09-10 00:00", Weekly, ""},
		{"A", "2026-09-10 00:00", Periodic, "P1"},
		{"A", "2026-10-19 00:00", Periodic, "P2"},
		{"A", "2027-02-15 00:00", Periodic, "P4"},
		{"B", "2027-02-15 00:00", Periodic, "P3"},
		{"B", "2027-07-04 23:00", Periodic, "P5"},
		{"B", "2027-07-05 00:00", Periodic, ""},
		{"A", "2026-09-10 00:00", YearStream, "2026-W37"},
		{"A", "2026-09-10 00:00", "day", ""},
	} {
		index, ok := p.WindowFor(c.zone, c.cadence, hour(t, p, c.at))
		got := ""
		if ok {
			got = p.Windows(c.cadence)[index].Label
		}
		if got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}

// TestWindowForByDefinition compares the table with the definition on any hour.
func TestWindowForByDefinition(t *testing.T) {
	policies := []*Policy{mustDefault(t, "2021-2022"), mustDefault(t, "2026-2027")}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(policies).Draw(t, "policy")
		zone := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "zone")
		start, end := p.Bounds()
		h := rapid.Int32Range(int32(start.Unix()/3600)-50, int32(end.Unix()/3600)+50).Draw(t, "hour")
		at := time.Unix(int64(h)*3600, 0)
		want, found := 0, false
		for _, w := range p.Windows(Weekly) {
			if p.InSession(zone, w) && w.End.After(at) && !at.Before(start) && at.Before(end) {
				want, found = w.Index, true
				break
			}
		}
		if got, ok := p.WindowFor(zone, Weekly, h); ok != found || got != want {
			t.Fatalf("WindowFor(%s, %v) = %d, %v; want %d, %v", zone, at, got, ok, want, found)
		}
	})
}

func TestParseThrough(t *testing.T) {
	p := mustDefault(t, "2026-2027")
	for _, c := range []struct{ in, want string }{
		{"2026-W38", "2026-W38"},
		{"2026-W43", "2026-W42"}, // holiday of all zones
		{"2027-W08", "2027-W08"},
		{"2027-07-05", "2027-W26"},
		{"2027-07-04", "2027-W26"},
		{"2027-07-03", "2027-W25"},
		{"2026-09-06", "2026-W36"},
		{"2026-09-05", ""},
		{"2027-08-31", "2027-W26"},
		{"2028-01-01", ""}, // another year's date would close this whole year
		{"p2", "P2"},
		{"2026-W54", ""},
		{"2027-02-30", ""},
		{"", ""},
		{"w38", ""},
	} {
		w, err := p.ParseThrough(c.in)
		if w.Label != c.want || (err != nil) != (c.want == "") {
			t.Errorf("ParseThrough(%q) = %q, %v; want %q", c.in, w.Label, err, c.want)
		}
	}
}

func TestReleaseID(t *testing.T) {
	p := mustDefault(t, "2026-2027")
	seen := make(map[string]bool)
	for _, c := range []Cadence{Weekly, Periodic, YearStream} {
		for _, w := range p.Windows(c) {
			id := string(ReleaseID(w))
			if seen[id] {
				t.Errorf("%s names two windows", id)
			}
			seen[id] = true
		}
	}
	for _, want := range []string{"2026-2027-w38", "2026-2027-w01", "2026-2027-p1", "2026-2027-stream-w38"} {
		if !seen[want] {
			t.Errorf("no release is named %s", want)
		}
	}
}

// TestLiteral: a policy written as a literal works before Clone, only slower,
// and an invalid one has no windows.
func TestLiteral(t *testing.T) {
	p := mustDefault(t, "2026-2027")
	literal := *p
	literal.compiled = nil
	same := func(a, b Window) bool { return a.Label == b.Label && a.Start.Equal(b.Start) && a.End.Equal(b.End) }
	if !slices.EqualFunc(literal.Windows(Weekly), p.Windows(Weekly), same) {
		t.Error("the literal's windows differ")
	}
	literal.Timezone = "Mars/Olympus"
	if _, ok := literal.WindowFor("A", Weekly, hour(t, p, "2026-09-10 00:00")); ok || len(literal.Windows(Weekly)) != 0 {
		t.Error("an invalid policy has windows")
	}
}

func BenchmarkWindowFor(b *testing.B) {
	p := mustDefault(b, "2026-2027")
	h := hour(b, p, "2027-03-10 10:00")
	for b.Loop() {
		p.WindowFor("C", Weekly, h)
	}
}
