package aggregate_test

import (
	"testing"
	"time"

	"brume/aggregate"
	"brume/aggregate/fixture"
	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/testenv/measure"

	"log/slog"
)

// BenchmarkRowLoad loads a release, verified and rolled up; the reference
// inserts the same cells with clickhouse-go and nothing else.
func BenchmarkRowLoad(b *testing.B) {
	_, ch := fresh(b)
	reg := measure.Nation(87_373)
	loader := aggregate.NewLoader(ch, aggregate.NewAreas(reg), slog.New(slog.DiscardHandler), nil)
	for b.Loop() {
		releases := fixture.Releases(reg, 1, 2)
		if err := loader.Load(b.Context(), releases[0]); err != nil { // what the first load alone pays for
			b.Fatal(err)
		}
		began := time.Now()
		if err := loader.Load(b.Context(), releases[1]); err != nil {
			b.Fatal(err)
		}
		took := time.Since(began)
		measure.Report(b, map[string]float64{
			measure.Result: took.Seconds(), "insert": insert(b, ch, releases[1]).Seconds(), "cells": float64(len(releases[1].Release.Cells)),
		})
	}
}

func insert(b *testing.B, ch *clickhouse.Client, c aggregate.Committed) time.Duration {
	b.Helper()
	if err := open(b, embedded.Migrator).Exec(b.Context(), "CREATE TABLE staging.plain AS published.cells"); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	batch, err := ch.Batch(b.Context(), "INSERT INTO staging.plain")
	if err != nil {
		b.Fatal(err)
	}
	defer batch.Close()
	for i, c := range c.Release.Cells {
		if err := batch.Append("plain", uint32(i), c.Family, c.Area, c.Level, c.Subject, c.Tool, c.Measure, c.Value, c.Sigma); err != nil {
			b.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}
