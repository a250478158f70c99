package embedded_test

import (
	"context"
	"testing"
	"time"

	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/testenv"
)

func TestMain(m *testing.M) {
	if maybeRunParent() {
		return
	}
	testenv.Main(m)
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func open(t *testing.T, ch *embedded.ClickHouse, user string) *clickhouse.Client {
	t.Helper()
	db, err := clickhouse.Open(ch.User(user))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// run executes sql and reads all that it returns.
func run(ctx context.Context, db *clickhouse.Client, sql string) (rows int, err error) {
	r, err := db.Query(ctx, sql)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	for r.Next() {
		rows++
	}
	return rows, r.Err()
}

func mustExec(t *testing.T, db *clickhouse.Client, statements ...string) {
	t.Helper()
	ctx := within(t, 30*time.Second)
	for _, sql := range statements {
		if err := db.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// The numbers are the server's own: 164 read-only, 497 not enough privileges.
func TestWhatEachUserMayDo(t *testing.T) {
	ch := testenv.ClickHouse(t)
	mustExec(t, open(t, ch, embedded.Migrator),
		"CREATE OR REPLACE TABLE published.x (a UInt32, s String) ENGINE = MergeTree ORDER BY a",
		"CREATE OR REPLACE TABLE staging.x AS published.x",
		"CREATE OR REPLACE TABLE meta.x AS published.x",
		"CREATE OR REPLACE VIEW published.v AS SELECT a FROM published.x",
	)
	mustExec(t, open(t, ch, embedded.Loader),
		"INSERT INTO staging.x VALUES (1, 'a'), (2, 'b')",
		"ALTER TABLE published.x REPLACE PARTITION tuple() FROM staging.x",
		"ALTER TABLE published.x ATTACH PARTITION tuple() FROM staging.x",
		"ALTER TABLE staging.x MOVE PARTITION tuple() TO TABLE published.x",
		"ALTER TABLE published.x DROP PARTITION tuple()",
		"TRUNCATE TABLE staging.x",
		"INSERT INTO published.x VALUES (1, 'a'), (2, 'b')",
		"SELECT name FROM system.parts",
	)
	ctx := within(t, time.Minute)
	for _, tt := range []struct {
		user, sql string
		rows      int
		code      int32
	}{
		{embedded.Loader, "CREATE TABLE staging.y (a Int8) ENGINE = Memory", 0, 497},
		{embedded.Loader, "DROP TABLE published.x", 0, 497},
		{embedded.Loader, "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')", 0, 497},
		{embedded.Dashboards, "SELECT * FROM published.x", 2, 0},
		{embedded.Dashboards, "SELECT * FROM published.v", 2, 0},
		{embedded.Dashboards, "SELECT number FROM numbers(10)", 10, 0},
		{embedded.Dashboards, "SELECT * FROM staging.x", 0, 497},
		{embedded.Dashboards, "SELECT * FROM meta.x", 0, 497},
		{embedded.Dashboards, "SELECT * FROM system.users", 0, 497},
		{embedded.Dashboards, "SELECT name FROM system.tables WHERE database IN ('staging', 'meta')", 0, 0},
		{embedded.Dashboards, "INSERT INTO published.x VALUES (3, 'c')", 0, 497},
		{embedded.Dashboards, "TRUNCATE TABLE published.x", 0, 497},
		{embedded.Dashboards, "CREATE TABLE published.y (a Int8) ENGINE = Memory", 0, 497},
		{embedded.Dashboards, "CREATE TEMPORARY TABLE y (a Int8)", 0, 497},
		{embedded.Dashboards, "SET max_threads = 3", 0, 164},
		{embedded.Dashboards, "SET max_execution_time = 0", 0, 164},
		{embedded.Dashboards, "SET readonly = 0", 0, 164},
		{embedded.Dashboards, "SELECT 1 SETTINGS max_result_rows = 0", 0, 164},
		{embedded.Dashboards, "SELECT * FROM file('x.csv')", 0, 497},
		{embedded.Dashboards, "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')", 0, 497},
		{embedded.Dashboards, "SELECT * FROM remote('127.0.0.1', published.x)", 0, 497},
		{embedded.Dashboards, "SELECT * FROM executable('x', 'CSV', 'a String')", 0, 497},
		{embedded.Dashboards, "SELECT number FROM numbers(2000000)", 0, 396}, // too many result rows
		{embedded.Dashboards, "SYSTEM STOP LISTEN TCP", 0, 497},
		{embedded.Dashboards, "GRANT SELECT ON meta.* TO dashboards", 0, 497},
		{embedded.Researcher, "SELECT * FROM published.x", 2, 0},
		{embedded.Researcher, "SELECT * FROM meta.x", 0, 497},
		{embedded.Researcher, "INSERT INTO published.x VALUES (3, 'c')", 0, 497},
	} {
		rows, err := run(ctx, open(t, ch, tt.user), tt.sql)
		if clickhouse.Code(err) != tt.code || (err != nil) != (tt.code != 0) || (err == nil && rows != tt.rows) {
			t.Errorf("%s: %s: %d rows, %v; want %d rows, code %d", tt.user, tt.sql, rows, err, tt.rows, tt.code)
		}
	}
}

func TestTheLibrarysOwnUserCanDoNothing(t *testing.T) {
	ch := testenv.ClickHouse(t)
	cfg := ch.User("default")
	cfg.Database = "system"
	db, err := clickhouse.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, sql := range []string{
		"SELECT * FROM published.x", "CREATE DATABASE other", "SELECT * FROM system.users",
		"SELECT * FROM file('/etc/hostname', 'LineAsString')",
	} {
		if _, err := run(within(t, 10*time.Second), db, sql); clickhouse.Code(err) != 497 {
			t.Errorf("%s: %v; want not enough privileges", sql, err)
		}
	}
}

func TestWrongPassword(t *testing.T) {
	cfg := testenv.ClickHouse(t).User(embedded.Migrator)
	cfg.Password = "wrong"
	db, err := clickhouse.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Ping(within(t, 10*time.Second)); clickhouse.Code(err) != 516 {
		t.Errorf("ping: %v; want authentication failed", err)
	}
}
