package audit

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"brume/internal/clickhouse"
	"brume/internal/kafka"
	"brume/schemas/topics"
)

// Values returns every value of the ledger topic.
func Values(ctx context.Context, client *kafka.Client) (values [][]byte, err error) {
	_, err = client.ReadAll(ctx, topics.Ledger, 0, 0, func(r kafka.Record) error {
		values = append(values, bytes.Clone(r.Value))
		return nil
	})
	return values, err
}

// ReadReleases returns what the releases topic holds.
func ReadReleases(ctx context.Context, client *kafka.Client) (Payloads, error) {
	var a kafka.Assembler
	out := Payloads{}
	_, err := client.ReadAll(ctx, topics.Releases, 0, 0, func(r kafka.Record) error {
		name, payload, complete, err := a.Add(r.Value)
		if err != nil || !complete {
			return err
		}
		if !slices.ContainsFunc(out[name], func(p []byte) bool { return bytes.Equal(p, payload) }) {
			out[name] = append(out[name], payload)
		}
		return nil
	})
	return out, err
}

// ReadMarks returns which releases ClickHouse knows, and whether as incomplete.
func ReadMarks(ctx context.Context, ch *clickhouse.Client) (map[string]bool, error) {
	rows, err := ch.Query(ctx, "SELECT release, incomplete FROM published.releases")
	if err != nil {
		return nil, fmt.Errorf("reading published releases: %w", err)
	}
	defer rows.Close()
	marks := map[string]bool{}
	for rows.Next() {
		var name string
		var incomplete bool
		if err := rows.Scan(&name, &incomplete); err != nil {
			return nil, fmt.Errorf("reading published releases: %w", err)
		}
		marks[name] = incomplete
	}
	return marks, rows.Err()
}

// ReadRows returns every published cell of ClickHouse.
func ReadRows(ctx context.Context, ch *clickhouse.Client) ([]Row, error) {
	rows, err := ch.Query(ctx, "SELECT release, ordinal, family, area, level, subject, tool, measure, value, sigma FROM published.cells")
	if err != nil {
		return nil, fmt.Errorf("reading published cells: %w", err)
	}
	defer rows.Close()
	var out []Row
	for rows.Next() {
		var r Row
		c := &r.Cell
		if err := rows.Scan(&r.Release, &r.Ordinal, &c.Family, &c.Area, &c.Level, &c.Subject, &c.Tool, &c.Measure, &c.Value, &c.Sigma); err != nil {
			return nil, fmt.Errorf("reading published cells: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
