package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func open(t *testing.T, cfg clickhouse.Config) *clickhouse.Client {
	t.Helper()
	db, err := clickhouse.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestValidateReportsAllFaults(t *testing.T) {
	err := clickhouse.Config{PasswordFile: "/nowhere/password"}.Validate()
	for _, want := range []string{"addr", "user", "database", "dial_timeout", "max_conns", "password_file"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want it to name %s", err, want)
		}
	}
}

func TestPasswordsDoNotPrint(t *testing.T) {
	cfg := clickhouse.Config{Addr: "host:1", User: "u", Password: "hush"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(format, cfg); strings.Contains(got, "hush") {
			t.Errorf("%s: %s", format, got)
		}
	}
}

func TestPasswordFile(t *testing.T) {
	cfg := testenv.ClickHouse(t).User(embedded.Dashboards)
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte(cfg.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Password, cfg.PasswordFile = "", path
	if err := open(t, cfg).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// A deadline must not become a setting, which read-only users may not send,
// and must still end the query.
func TestDeadlinesOfReadOnlyUsers(t *testing.T) {
	db := open(t, testenv.ClickHouse(t).User(embedded.Dashboards))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	rows, err := db.Query(ctx, "SELECT number FROM numbers({n:UInt8})", clickhouse.Param("n", "3"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil || n != 3 {
		t.Errorf("%d rows, %v; want 3", n, err)
	}
	short, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	began := time.Now()
	err = db.Exec(short, "SELECT sleepEachRow(0.1) FROM numbers(100) SETTINGS max_block_size = 1")
	if err == nil {
		t.Error("a setting was accepted")
	}
	err = db.Exec(short, "SELECT sleepEachRow(1) FROM numbers(3)")
	if took := time.Since(began); err == nil || took > 2*time.Second {
		t.Errorf("after %v: %v; want the deadline", took, err)
	}
}

func TestColumnarBatch(t *testing.T) {
	ch := testenv.ClickHouse(t)
	if err := open(t, ch.User(embedded.Migrator)).Exec(t.Context(),
		"CREATE OR REPLACE TABLE staging.batch (a UInt32, s String) ENGINE = MergeTree ORDER BY a"); err != nil {
		t.Fatal(err)
	}
	db := open(t, ch.User(embedded.Loader))
	batch, err := db.Batch(t.Context(), "INSERT INTO staging.batch")
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Close()
	if err := errors.Join(batch.Column(0).Append([]uint32{1, 2}), batch.Column(1).Append([]string{"a", "b"}), batch.Send()); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(t.Context(), "SELECT s FROM staging.batch ORDER BY a")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all += s
	}
	if all != "ab" || rows.Err() != nil {
		t.Errorf("%q, %v", all, rows.Err())
	}
}
