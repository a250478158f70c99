package clickhouse

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestStatements(t *testing.T) {
	got := Statements("-- why; because\nCREATE TABLE a\n(\n    b String COMMENT 'x; y'\n);\n\nDROP TABLE c;\nSELECT 1\n")
	want := []string{"CREATE TABLE a\n(\n    b String COMMENT 'x; y'\n)", "DROP TABLE c", "SELECT 1"}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got, +want):\n%s", diff)
	}
}

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	all, err := Migrations()
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range all {
		if m.Version != uint32(i)+1 || len(m.Statements) == 0 || len(m.Hash) != 64 {
			t.Errorf("migration %d: %+v", i+1, m)
		}
	}
	gap := fstest.MapFS{"m/0001_a.sql": {Data: []byte("SELECT 1;")}, "m/0003_b.sql": {Data: []byte("SELECT 1;")}}
	if _, err := read(gap, "m"); err == nil {
		t.Error("a gap in the numbers is accepted")
	}
}
