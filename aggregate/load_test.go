package aggregate_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brume/aggregate"
	"brume/aggregate/fixture"
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

// fresh drops every table, migrates, and returns a loader on the demonstration.
func fresh(t testing.TB) (*aggregate.Loader, *clickhouse.Client) {
	t.Helper()
	dropAll(t)
	migrator := open(t, embedded.Migrator)
	if err := aggregate.Migrate(t.Context(), migrator); err != nil {
		t.Fatal(err)
	}
	ch := open(t, embedded.Loader)
	areas := aggregate.NewAreas(registry.Demonstration(0))
	return aggregate.NewLoader(ch, areas, slog.New(slog.DiscardHandler), nil), ch
}

func dropAll(t testing.TB) {
	t.Helper()
	ch := open(t, embedded.Migrator)
	for _, table := range dump(t, ch, `SELECT concat(database, '.', name) FROM system.tables WHERE database IN ('published', 'staging', 'meta') ORDER BY 1`) {
		if err := ch.Exec(t.Context(), "DROP TABLE "+table+" SYNC"); err != nil {
			t.Fatal(err)
		}
	}
}

// dump returns a query's only column.
func dump(t testing.TB, ch *clickhouse.Client, sql string) []string {
	t.Helper()
	rows, err := ch.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// everything is what readers can see, as text.
func everything(t testing.TB, ch *clickhouse.Client) []string {
	t.Helper()
	var all []string
	for _, table := range []string{"cells", "estimates", "releases"} {
		all = append(all, dump(t, ch, "SELECT toString(tuple(*)) FROM published."+table+" ORDER BY 1")...)
	}
	return all
}

func TestLoadTwiceGivesTheSameRows(t *testing.T) {
	loader, ch := fresh(t)
	year := fixture.Releases(registry.Demonstration(0), 1, 3)
	if err := loader.Rebuild(t.Context(), year); err != nil {
		t.Fatal(err)
	}
	once := everything(t, ch)
	if err := loader.Rebuild(t.Context(), year); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(everything(t, ch), once); diff != "" {
		t.Errorf("after a second load (-got, +want):\n%s", diff)
	}
	cells := 0
	for _, c := range year {
		cells += len(c.Release.Cells)
	}
	if got, want := dump(t, ch, "SELECT toString(count()) FROM published.cells")[0], fmt.Sprint(cells); got != want {
		t.Errorf("%s cells, want %s", got, want)
	}
	if left := dump(t, ch, "SELECT release FROM staging.cells UNION ALL SELECT release FROM staging.estimates UNION ALL SELECT release FROM staging.releases"); len(left) > 0 {
		t.Errorf("%d rows left in staging", len(left))
	}
	hashes, err := loader.Loaded(t.Context())
	if err != nil || len(hashes) != 3 {
		t.Errorf("Loaded() = %v, %v, want three releases", hashes, err)
	}
}

func TestLoadRefusesInvalidReleases(t *testing.T) {
	loader, ch := fresh(t)
	good := fixture.Releases(registry.Demonstration(0), 1, 1)[0]
	for name, spoil := range map[string]func(*release.Release){
		"id":       func(r *release.Release) { r.ID = "x' OR 1" },
		"day":      func(r *release.Release) { r.Start = "monday" },
		"no cells": func(r *release.Release) { r.Cells = nil },
		"no noise": func(r *release.Release) { r.Cells = []release.Cell{{Family: "f", Area: "13", Measure: "active"}} },
	} {
		bad := good
		spoil(&bad.Release)
		if err := loader.Load(t.Context(), bad); !errors.Is(err, aggregate.ErrInvalid) {
			t.Errorf("%s: got %v, want %v", name, err, aggregate.ErrInvalid)
		}
	}
	if rows := everything(t, ch); len(rows) > 0 {
		t.Errorf("%d rows of refused releases", len(rows))
	}
}

func TestCheckKnown(t *testing.T) {
	loader, _ := fresh(t)
	year := fixture.Releases(registry.Demonstration(0), 1, 2)
	if err := loader.Rebuild(t.Context(), year); err != nil {
		t.Fatal(err)
	}
	known := map[release.ID][32]byte{year[0].Release.ID: year[0].Hash, year[1].Release.ID: year[1].Hash}
	if err := loader.CheckKnown(t.Context(), known); err != nil {
		t.Error(err)
	}
	known[year[1].Release.ID] = sha256.Sum256(nil)
	if err := loader.CheckKnown(t.Context(), known); !errors.Is(err, aggregate.ErrConflict) {
		t.Errorf("other hash: got %v, want %v", err, aggregate.ErrConflict)
	}
	delete(known, year[1].Release.ID)
	if err := loader.CheckKnown(t.Context(), known); !errors.Is(err, aggregate.ErrUnknown) {
		t.Errorf("unknown release: got %v, want %v", err, aggregate.ErrUnknown)
	}
}

func TestLoadReferenceTwice(t *testing.T) {
	loader, ch := fresh(t)
	count := func() []string {
		return dump(t, ch, `SELECT concat(kind, ' ', toString(count())) FROM published.areas GROUP BY kind
			UNION ALL SELECT concat('terms ', toString(count())) FROM published.terms
			UNION ALL SELECT concat('zone ', zone, ' ', toString(count())) FROM published.calendar GROUP BY zone`)
	}
	for range 2 {
		if err := loader.LoadReference(t.Context(), fixture.Policy()); err != nil {
			t.Fatal(err)
		}
		want := []string{"academy 4", "department 4", "nation 1", "other 1", "school 100", "terms 22", "zone A 36", "zone B 36", "zone C 36"}
		got := count()
		slices.Sort(got)
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("(-got, +want):\n%s", diff)
		}
	}
}

// source yields a fixed list and then ends the run.
type source struct {
	list   []aggregate.Committed
	cancel context.CancelFunc
}

func (s *source) Next(ctx context.Context) (aggregate.Committed, error) {
	if len(s.list) == 0 {
		s.cancel()
		<-ctx.Done()
		return aggregate.Committed{}, ctx.Err()
	}
	c := s.list[0]
	s.list = s.list[1:]
	return c, nil
}

type notes []string

func (n *notes) Loaded(_ context.Context, id release.ID, _ [32]byte, sequence uint64, _ [32]byte) error {
	*n = append(*n, fmt.Sprintf("%s@%d", id, sequence))
	return nil
}

func run(t *testing.T, loader *aggregate.Loader, list []aggregate.Committed) (notes, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var n notes
	a, err := aggregate.New(aggregate.DefaultConfig(), loader, &source{list, cancel}, &n, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	err = a.Run(ctx)
	return n, err
}

func TestRunLoadsWhatIsMissing(t *testing.T) {
	loader, ch := fresh(t)
	year := fixture.Releases(registry.Demonstration(0), 1, 2)
	if _, err := run(t, loader, year[:1]); err != nil {
		t.Fatal(err)
	}
	before := everything(t, ch)
	noted, err := run(t, loader, year)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(noted, notes{"2026-2027-w36@2", "2026-2027-w37@4"}); diff != "" {
		t.Errorf("noted loads (-got, +want):\n%s", diff)
	}
	if after := everything(t, ch); len(after) <= len(before) {
		t.Errorf("%d rows after the second release, %d before", len(after), len(before))
	}
	year[0].Hash = sha256.Sum256(nil)
	if _, err := run(t, loader, year); !errors.Is(err, aggregate.ErrConflict) {
		t.Errorf("another payload under the same id: got %v, want %v", err, aggregate.ErrConflict)
	}
}
