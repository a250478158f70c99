package query

import (
	"context"
	"embed"
	"fmt"

	"brume/internal/clickhouse"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

func sqlText(name string) string {
	text, err := sqlFiles.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err) // a fault of the build, which the tests find
	}
	return string(text)
}

// Reader asks ClickHouse, as a user who may only read.
type Reader struct {
	ch     *clickhouse.Client
	limits Limits
}

// New returns a reader that decides states by the limits.
func New(ch *clickhouse.Client, limits Limits) *Reader { return &Reader{ch: ch, limits: limits} }

// Ping reports whether ClickHouse answers.
func (r *Reader) Ping(ctx context.Context) error { return r.ch.Ping(ctx) }

func param(name, value string) any { return clickhouse.Param(name, value) }

// each runs the named query and calls scan for each row.
func (r *Reader) each(ctx context.Context, name string, scan func(scan func(dest ...any) error) error, args ...any) error {
	rows, err := r.ch.Query(ctx, sqlText(name), args...)
	if err != nil {
		return fmt.Errorf("asking %s: %w", name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}
