package dashboards_test

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"brume/aggregate"
	"brume/aggregate/fixture"
	"brume/aggregate/query"
	"brume/dashboards"
	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/testenv/measure"
	"brume/schemas/policy"
)

// fillNation loads a year of 60,000 schools: the first week through the
// loader, and copies of it for the others.
func fillNation(b *testing.B) {
	b.Helper()
	fill(b, 0)
	reg := measure.Nation(60_000)
	loader := aggregate.NewLoader(open(b, embedded.Loader), aggregate.NewAreas(reg), slog.New(slog.DiscardHandler), nil)
	if err := loader.LoadReference(b.Context(), fixture.Policy()); err != nil {
		b.Fatal(err)
	}
	first := fixture.Releases(reg, 1, 1)[0]
	if err := loader.Load(b.Context(), first); err != nil {
		b.Fatal(err)
	}
	p, err := policy.Default(fixture.Year)
	if err != nil {
		b.Fatal(err)
	}
	migrator := open(b, embedded.Migrator)
	for _, w := range p.Windows(policy.Weekly) {
		id := string(policy.ReleaseID(w))
		if id == string(first.Release.ID) {
			continue
		}
		for _, sql := range []string{
			"INSERT INTO published.cells SELECT * REPLACE ('%s' AS release) FROM published.cells AS t WHERE t.release = '%s'",
			"INSERT INTO published.estimates SELECT * REPLACE ('%s' AS release) FROM published.estimates AS t WHERE t.release = '%s'",
			"INSERT INTO published.releases SELECT * REPLACE ('%s' AS release, '" + w.Label + "' AS window, toDate('" +
				w.Start.Format(time.DateOnly) + "') AS first_day) FROM published.releases AS t WHERE t.release = '%s'",
		} {
			if err := migrator.Exec(b.Context(), fmt.Sprintf(sql, id, first.Release.ID)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// p95 is the 95th percentile of each call, in milliseconds. The calls take
// turns, so that what else the machine does falls on all of them; the first
// rounds do not count.
func p95(rounds int, calls ...func(i int)) []float64 {
	const first = 20
	took := make([][]time.Duration, len(calls))
	for i := range first + rounds {
		for c, call := range calls {
			began := time.Now()
			call(i)
			if i >= first {
				took[c] = append(took[c], time.Since(began))
			}
		}
	}
	var out []float64
	for _, list := range took {
		slices.Sort(list)
		out = append(out, list[len(list)*95/100].Seconds()*1e3)
	}
	return out
}

// BenchmarkRowBlock asks for the trends of schools, departments, academies and
// the nation, beside two others. The references send the same SQL and drop
// the rows, and make the whole page around the block.
func BenchmarkRowBlock(b *testing.B) {
	fillNation(b)
	text, err := os.ReadFile("../aggregate/query/sql/trend.sql")
	if err != nil {
		b.Fatal(err)
	}
	ch := open(b, embedded.Dashboards)
	reader := query.New(ch, query.DefaultLimits())
	pages, err := dashboards.New(dashboards.DefaultConfig(), dashboards.Deps{ClickHouse: ch, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	reg := measure.Nation(60_000)
	area := func(i int) string {
		d := reg.Departments[i*31%len(reg.Departments)]
		return []string{reg.Schools[i*997%len(reg.Schools)].UAI.String(), d.Code, aggregate.AcademyCode(d.Academy), aggregate.NationCode}[i%4]
	}
	block := func(i int) {
		all, err := reader.Trends(b.Context(), query.TrendQuery{Area: area(i), Measure: query.Active, Year: fixture.Year}, area(i+1), area(i+2))
		if err != nil || len(all[area(i)]) < 36 {
			b.Fatal(len(all[area(i)]), err)
		}
	}
	alone := func(i int) {
		rows, err := ch.Query(b.Context(), string(text), clickhouse.Param("area", area(i)), clickhouse.Param("other1", area(i+1)),
			clickhouse.Param("other2", area(i+2)), clickhouse.Param("level", ""), clickhouse.Param("subject", ""), clickhouse.Param("year", fixture.Year))
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
		}
		if err := rows.Close(); err != nil {
			b.Fatal(err)
		}
	}
	page := func(i int) {
		if w, body := get(b, pages, "/trend?area="+area(i)); w.Code != 200 || !strings.Contains(body, "<svg") {
			b.Fatal(w.Code)
		}
	}
	for b.Loop() {
		took := p95(200, block, alone, page)
		measure.Report(b, map[string]float64{measure.Result: took[0], "sql": took[1], "page": took[2]})
	}
}
