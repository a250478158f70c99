package dashboards_test

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"brume/aggregate"
	"brume/aggregate/fixture"
	"brume/dashboards"
	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/testenv"
	"brume/schemas/registry"
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

// fill empties the tables and loads the first weeks of the invented year. The
// demonstration's first school gets too few pupils to be shown.
func fill(t testing.TB, weeks int) {
	t.Helper()
	migrator := open(t, embedded.Migrator)
	if err := aggregate.Migrate(t.Context(), migrator); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"cells", "estimates", "releases"} {
		if err := migrator.Exec(t.Context(), "TRUNCATE TABLE published."+table); err != nil {
			t.Fatal(err)
		}
	}
	if weeks == 0 {
		return
	}
	reg := registry.Demonstration(0)
	reg.Schools[0].Enrolment = 9
	loader := aggregate.NewLoader(open(t, embedded.Loader), aggregate.NewAreas(reg), slog.New(slog.DiscardHandler), nil)
	if err := loader.LoadReference(t.Context(), fixture.Policy()); err != nil {
		t.Fatal(err)
	}
	if err := loader.Rebuild(t.Context(), fixture.Releases(reg, 1, weeks)); err != nil {
		t.Fatal(err)
	}
}

func serve(t testing.TB, cfg dashboards.Config) *dashboards.Server {
	t.Helper()
	s, err := dashboards.New(cfg, dashboards.Deps{ClickHouse: open(t, embedded.Dashboards), Log: testenv.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// get returns the status, headers and body of an address.
func get(t testing.TB, s *dashboards.Server, address string) (*httptest.ResponseRecorder, string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest("GET", address, nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w, strings.ReplaceAll(strings.ReplaceAll(string(body), "\u00a0", " "), "\u202f", " ")
}
