package e2e

import (
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type summary struct {
	Sent           int64            `json:"sent"`
	Acknowledged   int64            `json:"acknowledged"`
	Refused        int64            `json:"refused"`
	Folded         int64            `json:"folded"`
	Duplicates     int64            `json:"duplicates"`
	Late           int64            `json:"late"`
	Dropped        map[string]int64 `json:"dropped_by_reason"`
	Releases       int              `json:"releases"`
	Cells          int              `json:"cells"`
	PlannedCells   int              `json:"planned_cells"`
	Mu2Spent       float64          `json:"mu2_spent"`
	Mu2Limit       float64          `json:"mu2_limit"`
	ClickHouseRows int              `json:"clickhouse_rows"`
	Starts         int              `json:"starts"`
}

func (s summary) settled() int64 {
	n := s.Folded + s.Duplicates
	for _, d := range s.Dropped {
		n += d
	}
	return n
}

// demoArgs is a demonstration small enough for a test.
func demoArgs(data, keys string) []string {
	return []string{"demo", "--once", "--json", "--pupils", "3000", "--weeks", "6", "--seed", "7", "--data", data, "--keys", keys}
}

// account is the part of `budget show --json` that must not depend on luck.
type account struct {
	Year     string    `json:"year"`
	Spent    int64     `json:"spent_nano_mu2"`
	Releases []charged `json:"releases"`
}

type charged struct {
	Release   string   `json:"release"`
	Committed bool     `json:"committed"`
	Inputs    []string `json:"inputs"`
}

func budgetOf(t *testing.T, data string) []account {
	t.Helper()
	return decode[[]account](t, output(t, "brume", "budget", "show", "--json", "--data", data))
}

// A demonstration's figures add up; the same one, killed five times in the
// middle with the same keys, sums up exactly the same before noise, and
// releases every window once.
func TestDemoAddsUpAndSurvivesKills(t *testing.T) {
	dir := t.TempDir()
	keys, calm, killed := filepath.Join(dir, "keys"), filepath.Join(dir, "calm"), filepath.Join(dir, "killed")
	began := time.Now()
	s := decode[summary](t, output(t, "brume", demoArgs(calm, keys)...))
	took := time.Since(began)
	for _, tt := range []struct {
		name string
		ok   bool
	}{
		{"acknowledged = sent − refused", s.Acknowledged == s.Sent-s.Refused},
		{"folded + duplicates + dropped = acknowledged", s.settled() == s.Acknowledged},
		{"refused, folded, duplicates and late are above zero", s.Refused > 0 && s.Folded > 0 && s.Duplicates > 0 && s.Late > 0},
		{"cells = planned cells = rows", s.Cells == s.PlannedCells && s.Cells == s.ClickHouseRows && s.Cells > 0},
		{"one release and one step of the streams a week", s.Releases == 2*6},
		{"within the budget", s.Mu2Spent > 0 && s.Mu2Spent <= s.Mu2Limit},
	} {
		if !tt.ok {
			t.Errorf("not so: %s: %+v", tt.name, s)
		}
	}
	output(t, "brume", "budget", "verify", "--data", calm)
	output(t, "brume", "audit", "--data", calm)

	kill(t, 50*time.Millisecond, demoArgs(killed, keys)) // while it starts
	for range 4 {                                        // at a moment of chance that leaves something to do
		kill(t, took/8+time.Duration(rand.Int64N(int64(took/6))), demoArgs(killed, keys))
	}
	k := decode[summary](t, output(t, "brume", demoArgs(killed, keys)...))
	if k.Sent != s.Sent || k.Acknowledged != s.Acknowledged || k.Folded != s.Folded || k.Late != s.Late || k.Releases != s.Releases {
		t.Errorf("killed: %+v\ncalm:   %+v", k, s)
	}
	if k.settled() < k.Acknowledged {
		t.Errorf("killed: %d of %d acknowledged statements were lost", k.Acknowledged-k.settled(), k.Acknowledged)
	}
	if diff := cmp.Diff(budgetOf(t, killed), budgetOf(t, calm)); diff != "" {
		t.Errorf("sums before noise (HMACs), charges or releases differ (-killed, +calm):\n%s", diff)
	}
	output(t, "brume", "budget", "verify", "--data", killed)
	output(t, "brume", "audit", "--data", killed)
	t.Logf("%d statements; %d starts; %d sent again by killed runs", k.Sent, k.Starts, k.settled()-k.Acknowledged)
}

// kill runs a program and ends it with kill -9 after a while.
func kill(t *testing.T, after time.Duration, args []string) {
	t.Helper()
	c := exec.Command(filepath.Join(bin, "brume"), args...)
	c.Dir = t.TempDir()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = c.Process.Kill()
	if err := c.Wait(); err == nil {
		t.Logf("the run was over before it could be killed after %s", after)
	}
}

func TestAnotherDemonstrationIsNotOverwritten(t *testing.T) {
	data := t.TempDir()
	c := command(t, "brume", "demo", "--once", "--pupils", "100", "--weeks", "1", "--data", data)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	c = command(t, "brume", "demo", "--once", "--pupils", "100", "--weeks", "2", "--data", data)
	out, err := c.CombinedOutput()
	if err == nil {
		t.Fatal("accepted")
	}
	if want := "--pupils 100 --weeks 1"; !strings.Contains(string(out), want) {
		t.Errorf("got %s, want it to name %q", out, want)
	}
}
