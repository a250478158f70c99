package e2e

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"brume/cmd/brume/audit"
	"brume/cmd/brume/simulate"
	"brume/cmd/internal/operate"
	"brume/internal/clickhouse"
	"brume/internal/embedded"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/policy"
	"brume/schemas/registry"
	"brume/schemas/release"
)

// shortYear is a school year of six weeks and two half-terms with all families
// of the default policy, and what its tools send. Each run of it has a data
// directory of its own, and the same keys.
type shortYear struct {
	program, keys, policy string
	plan                  *policy.Plan
	registry              *registry.Registry
	weeks                 []policy.Window
	statements            [][][]byte // by week
}

func newShortYear(t *testing.T, program string) *shortYear {
	t.Helper()
	dir := t.TempDir()
	y := &shortYear{program: program, keys: filepath.Join(dir, "keys"), policy: filepath.Join(dir, "short.yaml"), registry: registry.Demonstration(0)}
	text, err := policy.DefaultText("2026-2027")
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := bytes.Cut(text, []byte("\ncalendar:"))
	short := string(head) + "\ncalendar:\n  other_zone: A\n  zones:\n"
	for _, zone := range "ABC" {
		short += fmt.Sprintf("    - {name: %c, half_terms: [{name: P1, first: 2026-W36, last: 2026-W38}, {name: P2, first: 2026-W39, last: 2026-W41}],\n"+
			"       weeks: [2026-W36, 2026-W37, 2026-W38, 2026-W39, 2026-W40, 2026-W41]}\n", zone)
	}
	y.policy = writeConfig(t, short)
	p, err := policy.Load(y.policy)
	if err != nil {
		t.Fatal(err)
	}
	if y.plan, err = p.Plan(); err != nil {
		t.Fatal(err)
	}
	y.weeks = p.Windows(policy.Weekly)
	y.statements = make([][][]byte, len(y.weeks))
	err = simulate.Run(t.Context(), simulate.Config{Pupils: 150, Weeks: len(y.weeks), Seed: 9, Registry: y.registry, Calendar: p},
		func(s simulate.Statement) error {
			y.statements[s.Week] = append(y.statements[s.Week], bytes.Clone(s.Body))
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// releases names what is out once everything through a week is closed.
func (y *shortYear) releases(through int) (names []string) {
	if through < 0 {
		return nil
	}
	for _, w := range operate.Releases([]*policy.Plan{y.plan}, y.registry, y.weeks[through]) {
		names = append(names, string(policy.ReleaseID(w)))
	}
	return names
}

// outcome is what must not depend on kills.
type outcome struct {
	Accounts     []account
	Acknowledged int64
	Folded       int64
	Releases     int
	Cells        int
}

// run plays the year, killed as the plan says, and returns what came of it,
// once it is audited.
func (y *shortYear) run(t *testing.T, name string, p *plan) outcome {
	t.Helper()
	began := time.Now()
	s := newVictim(t, y, p)
	for i := range y.weeks {
		arms := p.draw(len(y.releases(i)) - len(y.releases(i-1)))
		s.send(y.statements[i], arms)
		s.close(i, arms)
	}
	o := outcome{Acknowledged: s.acknowledged, Folded: s.folded(), Releases: len(y.releases(len(y.weeks) - 1))}
	s.stop()
	output(t, "brume", "budget", "verify", "--data", s.data)
	output(t, "brume", "audit", "--data", s.data)
	o.Accounts, o.Cells = budgetOf(t, s.data), oneValueACell(t, s)
	for _, a := range o.Accounts { // a half-term and a week may change places
		slices.SortFunc(a.Releases, func(a, b charged) int { return strings.Compare(a.Release, b.Release) })
	}
	t.Logf("%s: %d kills, %d starts, %d cells in %s", name, s.kills, s.starts, o.Cells, time.Since(began).Round(time.Second))
	return o
}

func (o outcome) equals(t *testing.T, calm outcome) {
	t.Helper()
	if diff := cmp.Diff(o, calm); diff != "" {
		t.Errorf("sums before noise (HMACs), charges, releases or counts differ (-killed, +calm):\n%s", diff)
	}
}

// cell names a value that is published once.
type cell struct{ release, family, area, level, subject, tool, measure string }

// oneValueACell requires that the topic of releases holds one value for each
// cell, and ClickHouse that one, and returns how many cells there are.
func oneValueACell(t *testing.T, s *victim) int {
	t.Helper()
	broker, err := embedded.StartBroker(embedded.DefaultBrokerConfig(filepath.Join(s.data, "broker")), testenv.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	cfg := kafka.DefaultConfig()
	cfg.Brokers, cfg.Embedded = []string{broker.Addr()}, true
	client := kafka.New(cfg, testenv.Log(t))
	defer client.Close()
	payloads, err := audit.ReadReleases(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	published := map[cell]int64{}
	for name, forms := range payloads {
		for _, payload := range forms {
			r, err := release.Decode(payload, release.Hash(payload))
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range r.Cells {
				key := cell{name, c.Family, c.Area, c.Level, c.Subject, c.Tool, c.Measure}
				if value, ok := published[key]; ok && value != c.Value || len(forms) != 1 {
					t.Fatalf("%v is published more than once", key)
				}
				published[key] = c.Value
			}
		}
	}
	rows, err := audit.ReadRows(t.Context(), s.reader)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(published) {
		t.Errorf("%d rows in ClickHouse, %d cells in the topic", len(rows), len(published))
	}
	for _, r := range rows {
		c := r.Cell
		key := cell{r.Release, c.Family, c.Area, c.Level, c.Subject, c.Tool, c.Measure}
		if value, ok := published[key]; !ok || value != c.Value {
			t.Fatalf("%v: ClickHouse has another value than the topic", key)
		}
	}
	return len(published)
}

// clickhouseSection configures the services' users of a server.
func clickhouseSection(t *testing.T, ch *embedded.ClickHouse, dir string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("clickhouse:\n")
	for _, name := range []string{"migrator", "loader", "dashboards"} {
		fmt.Fprintf(&b, "  %s: %s\n", name, userOf(t, ch, dir, name))
	}
	return b.String()
}

func openReader(t *testing.T, ch *embedded.ClickHouse) *clickhouse.Client {
	t.Helper()
	c, err := clickhouse.Open(ch.User("loader"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}
