package query_test

import (
	"errors"
	"log/slog"
	"math"
	"testing"
	"time"

	"brume/aggregate"
	"brume/aggregate/fixture"
	"brume/aggregate/query"
	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/testenv"
	"brume/schemas/registry"
	"brume/schemas/release"
)

func open(t testing.TB, user string) *clickhouse.Client {
	t.Helper()
	ch, err := clickhouse.Open(testenv.ClickHouse(t).User(user))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ch.Close() })
	return ch
}

// filled loads eight weeks, up to the one after the autumn holidays but one,
// and returns a reader with the read-only user.
func filled(t testing.TB) (*query.Reader, []aggregate.Committed) {
	t.Helper()
	if err := aggregate.Migrate(t.Context(), open(t, embedded.Migrator)); err != nil {
		t.Fatal(err)
	}
	reg := registry.Demonstration(0)
	loader := aggregate.NewLoader(open(t, embedded.Loader), aggregate.NewAreas(reg), slog.New(slog.DiscardHandler), nil)
	if err := loader.LoadReference(t.Context(), fixture.Policy()); err != nil {
		t.Fatal(err)
	}
	year := fixture.Releases(reg, 1, 9)
	if err := loader.Rebuild(t.Context(), year); err != nil {
		t.Fatal(err)
	}
	return query.New(open(t, embedded.Dashboards), query.DefaultLimits()), year
}

func TestEmpty(t *testing.T) {
	if err := aggregate.Migrate(t.Context(), open(t, embedded.Migrator)); err != nil {
		t.Fatal(err)
	}
	if err := open(t, embedded.Migrator).Exec(t.Context(), "TRUNCATE TABLE published.releases"); err != nil {
		t.Fatal(err)
	}
	r := query.New(open(t, embedded.Dashboards), query.DefaultLimits())
	if _, err := r.LatestRelease(t.Context()); !errors.Is(err, query.ErrNoRelease) {
		t.Errorf("got %v, want %v", err, query.ErrNoRelease)
	}
	if o, err := r.Overview(t.Context(), "france", fixture.Year); err != nil || o.Latest.Release != "" {
		t.Errorf("Overview of nothing = %+v, %v", o, err)
	}
}

func TestTrend(t *testing.T) {
	r, year := filled(t)
	school := registry.Demonstration(0).Schools[3].UAI.String()
	points, err := r.Trend(t.Context(), query.TrendQuery{Area: school, Measure: query.Active, Year: fixture.Year})
	if err != nil {
		t.Fatal(err)
	}
	if len(points) != len(year) {
		t.Fatalf("%d points, want %d", len(points), len(year))
	}
	for i, p := range points {
		var cell release.Cell
		for _, c := range year[i].Release.Cells {
			if c.Area == school {
				cell = c
			}
		}
		half := 1.959963984540054 * cell.Sigma
		if p.Value != float64(cell.Value) || math.Abs(p.Low-(p.Value-half)) > 1e-9 || math.Abs(p.High-(p.Value+half)) > 1e-9 {
			t.Errorf("%s: got %+v, want %d ± %v", p.Window, p, cell.Value, half)
		}
		if p.Start.Format(time.DateOnly) != year[i].Release.Start || p.Release != string(year[i].Release.ID) {
			t.Errorf("point %d is %s of %v, want %s of %s", i, p.Release, p.Start, year[i].Release.ID, year[i].Release.Start)
		}
	}
}

func TestTrendsAddUp(t *testing.T) {
	r, _ := filled(t)
	for _, m := range []query.Measure{query.Active, query.Attempts} {
		q := query.TrendQuery{Area: "france", Measure: m, Year: fixture.Year}
		nation, err := r.Trend(t.Context(), q)
		if err != nil || len(nation) == 0 {
			t.Fatal(len(nation), err)
		}
		var value, variance float64
		for _, area := range []string{"13", "59", "69", "75", "other"} {
			q.Area = area
			points, err := r.Trend(t.Context(), q)
			if err != nil || len(points) == 0 {
				t.Fatal(area, len(points), err)
			}
			value += points[0].Value
			variance += points[0].Sigma * points[0].Sigma
		}
		if math.Abs(nation[0].Value-value) > 1e-6 || math.Abs(nation[0].Sigma*nation[0].Sigma-variance) > 1e-6 {
			t.Errorf("%s: nation %v (variance %v), departments %v (%v)", m, nation[0].Value, nation[0].Sigma*nation[0].Sigma, value, variance)
		}
		if nation[0].Parts != 4 || nation[0].PartsOf != 4 {
			t.Errorf("%s: covers %d of %d departments", m, nation[0].Parts, nation[0].PartsOf)
		}
	}
}

func TestOverview(t *testing.T) {
	r, year := filled(t)
	o, err := r.Overview(t.Context(), "13", fixture.Year)
	if err != nil {
		t.Fatal(err)
	}
	n := len(year)
	if o.Latest.Release != string(year[n-1].Release.ID) || o.Previous.Release != string(year[n-2].Release.ID) {
		t.Errorf("weeks %s and %s, want %s and %s", o.Latest.Release, o.Previous.Release, year[n-1].Release.ID, year[n-2].Release.ID)
	}
	if !o.Latest.Comparable(o.Previous.Point) || o.Latest.Enrolment < 10_000 {
		t.Errorf("comparable %v, enrolment %d", o.Latest.Comparable(o.Previous.Point), o.Latest.Enrolment)
	}
	if got, want := o.Latest.Share.Value, o.Latest.Active.Value/float64(o.Latest.Enrolment); math.Abs(got-want) > 1e-12 {
		t.Errorf("share %v, want %v", got, want)
	}
	if s := o.Latest.SuccessRate; s.Low >= s.Value || s.Value >= s.High || s.Low < 0 || s.High > 1 {
		t.Errorf("success rate %+v", s)
	}
}

func TestBreakdown(t *testing.T) {
	r, year := filled(t)
	for dimension, want := range map[string]int{"level": 8, "subject": 9} {
		measure := query.Active
		if dimension == "subject" {
			measure = query.SuccessRate
		}
		slices, err := r.Breakdown(t.Context(), string(year[0].Release.ID), "13", dimension, measure)
		if err != nil || len(slices) != want {
			t.Errorf("%s: %d entries, want %d (%v)", dimension, len(slices), want, err)
		}
	}
}

func TestReference(t *testing.T) {
	r, _ := filled(t)
	school := registry.Demonstration(0).Schools[0]
	for code, want := range map[string]int{"france": 10, school.Department: 35, school.UAI.String(): 35, "nowhere": 10} {
		areas, err := r.Areas(t.Context(), code)
		if err != nil || len(areas) != want {
			t.Errorf("Areas(%q): %d, want %d (%v)", code, len(areas), want, err)
		}
	}
	sessions, err := r.Calendar(t.Context(), fixture.Year)
	if err != nil || len(sessions) != 3*36 {
		t.Errorf("%d weeks in session, want %d (%v)", len(sessions), 3*36, err)
	}
	budget, err := r.Budget(t.Context(), fixture.Year)
	if err != nil || budget.Weeks != 9 || !budget.Known || math.Abs(budget.Spent-0.093) > 1e-3 {
		t.Errorf("budget %+v (%v)", budget, err)
	}
}

func TestReaderCannotWrite(t *testing.T) {
	filled(t)
	ch := open(t, embedded.Dashboards)
	for _, sql := range []string{
		"INSERT INTO published.releases (release) VALUES ('x')",
		"ALTER TABLE published.cells DROP PARTITION '2026-2027-w36'",
		"TRUNCATE TABLE published.estimates",
		"SET max_result_rows = 0",
		"SELECT * FROM staging.cells",
		"SELECT * FROM meta.migrations",
	} {
		if err := ch.Exec(t.Context(), sql); err == nil {
			t.Errorf("the dashboards' user may run %s", sql)
		}
	}
}
