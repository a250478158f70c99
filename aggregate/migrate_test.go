package aggregate_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brume/aggregate"
	"brume/internal/clickhouse"
	"brume/internal/embedded"
	schema "brume/schemas/clickhouse"
)

// shape is every column of ours, as text.
func shape(t *testing.T, ch *clickhouse.Client) []string {
	return dump(t, ch, `SELECT concat(database, '.', table, ' ', name, ' ', type) FROM system.columns
		WHERE database IN ('published', 'staging', 'meta') ORDER BY 1
		UNION ALL SELECT concat(database, '.', name, ' ', engine_full) FROM system.tables
		WHERE database IN ('published', 'staging', 'meta') ORDER BY 1`)
}

// TestMigrateFromEveryPastState brings a database that stopped at each
// migration, and half-way through each, to the newest schema, twice.
func TestMigrateFromEveryPastState(t *testing.T) {
	ch := open(t, embedded.Migrator)
	all, err := schema.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	dropAll(t)
	if err := aggregate.Migrate(t.Context(), ch); err != nil {
		t.Fatal(err)
	}
	want := shape(t, ch)
	for k := range len(all) + 1 {
		t.Run(fmt.Sprintf("from %d", k), func(t *testing.T) {
			dropAll(t)
			if err := aggregate.MigrateWith(t.Context(), ch, all[:k]); err != nil {
				t.Fatal(err)
			}
			if k < len(all) { // cut short after its first statements
				for _, statement := range all[k].Statements[:(len(all[k].Statements)+1)/2] {
					if err := ch.Exec(t.Context(), statement); err != nil {
						t.Fatal(err)
					}
				}
			}
			for range 2 {
				if err := aggregate.Migrate(t.Context(), ch); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(shape(t, ch), want); diff != "" {
				t.Errorf("(-got, +want):\n%s", diff)
			}
			if n := dump(t, ch, "SELECT name FROM meta.migrations"); len(n) != len(all) {
				t.Errorf("recorded migrations: %v", n)
			}
		})
	}
}

func TestMigrateRefusesForeignDatabases(t *testing.T) {
	ch := open(t, embedded.Migrator)
	all, err := schema.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	fresh(t)
	if err := aggregate.MigrateWith(t.Context(), ch, all[:len(all)-1]); !errors.Is(err, aggregate.ErrMigration) {
		t.Errorf("a newer database: got %v, want %v", err, aggregate.ErrMigration)
	}
	all[0].Hash = strings.Repeat("0", 64)
	if err := aggregate.MigrateWith(t.Context(), ch, all); !errors.Is(err, aggregate.ErrMigration) {
		t.Errorf("a changed file: got %v, want %v", err, aggregate.ErrMigration)
	}
}

// TestNoColumnNamesAPupil freezes what may stand in ClickHouse.
func TestNoColumnNamesAPupil(t *testing.T) {
	fresh(t)
	forbidden := regexp.MustCompile(`(?i)pupil|student|eleve|actor|learner|pseudonym|person|user|account|email|statement|token|fingerprint`)
	columns := dump(t, open(t, embedded.Migrator), `SELECT concat(table, '.', name) FROM system.columns WHERE database IN ('published', 'staging', 'meta')`)
	if len(columns) < 50 {
		t.Fatalf("only %d columns seen", len(columns))
	}
	for _, column := range columns {
		if forbidden.MatchString(column) {
			t.Errorf("column %s could name a pupil", column)
		}
	}
}
