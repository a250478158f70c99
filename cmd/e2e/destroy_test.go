package e2e

import (
	"encoding/json/v2"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"brume/internal/testenv"
)

// proved is what brume keys destroy says.
type proved struct {
	Tried []struct {
		Topic  string `json:"topic"`
		Sealed int    `json:"sealed"`
		Opened int    `json:"opened"`
	} `json:"tried"`
	Copies []string `json:"copies"`
}

// opens returns what is sealed and what of it opens, by topic.
func (p proved) opens() map[string][2]int {
	m := map[string][2]int{}
	for _, t := range p.Tried {
		m[t.Topic] = [2]int{t.Sealed, t.Opened}
	}
	return m
}

// Before a year is destroyed its snapshots and statements open; after it no key
// on the host opens one, a planted copy of a key is found, and Brume goes on with
// the years that are left.
func TestDestroyYear(t *testing.T) {
	cfg := testenv.Kafka(t)
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	config := func(policies string) string {
		return writeConfig(t, fmt.Sprintf("kafka: {brokers: [%q], prefix: %q}\npartitions: 2\npolicies: [%s]\nanonymize: {snapshot_every: 1s}\n",
			cfg.Brokers[0], cfg.Prefix, policies))
	}
	serve := func(policies string) (stop func(), at map[string]string) {
		c, out := start(t, nil, "brume", "serve", "--config", config(policies), "--data", data, "--listen", "127.0.0.1:0")
		at = addresses(t, out)
		awaitEndpoint(t, at["xAPI"])
		return func() {
			if err := c.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			_ = c.Wait()
		}, at
	}
	folded := func(at map[string]string, n int64) {
		t.Helper()
		until(t, 20*time.Second, "all is folded", func() bool { return metrics(body(t.Context(), at["metrics"])).Folded == n })
	}
	stop, at := serve("2021-2022, 2026-2027")
	publisher := decode[credentials](t, output(t, "brume", "publishers", "add", "tools", "--json", "--data", data))
	for i := range 20 {
		until(t, 20*time.Second, "a statement is taken", func() bool {
			return post(t, at["xAPI"], publisher, about(fmt.Sprint("canary-", i), i)) == http.StatusOK
		})
	}
	folded(at, 20)
	output(t, "brume", "close", "--through", "2026-W36", "--data", data)
	stop()

	prove := func(wantFault bool, args ...string) (p proved) {
		t.Helper()
		stdout, all, err := asks(t, "", append([]string{"keys", "destroy", "2026-2027", "--json", "--data", data}, args...)...)
		if wantFault != (err != nil) {
			t.Fatalf("keys destroy %v: %v\n%s", args, err, all)
		}
		if err := json.Unmarshal(stdout, &p); err != nil {
			t.Fatalf("%v\n%s", err, all)
		}
		return p
	}
	before := prove(true, "--prove")
	if o := before.opens(); o["cohorts"][0] == 0 || o["cohorts"][0] != o["cohorts"][1] || o["statements"] != [2]int{20, 20} || o["streams"][0] == 0 || o["streams"][0] != o["streams"][1] || len(before.Copies) < 3 {
		t.Errorf("before: %+v", before)
	}
	refuses(t, "not confirmed", "2021-2022\n", "keys", "destroy", "2026-2027", "--data", data)

	elsewhere := filepath.Join(dir, "backup", "old", "notes.txt")
	copyKey(t, filepath.Join(data, "keys", "anonymize", "cohort-2026-2027.json"), elsewhere)
	pseudonyms := filepath.Join(dir, "backup", "p.bin")
	copyKey(t, filepath.Join(data, "keys", "anonymize", "pseudonym-2026-2027.json"), pseudonyms)

	after := prove(true, "--yes") // the statements' own keys live for 72 h
	if o := after.opens(); o["cohorts"] != [2]int{before.opens()["cohorts"][0], 0} || o["statements"] != [2]int{20, 20} || o["streams"][1] != 0 {
		t.Errorf("after, with sealing keys: %+v", after)
	}
	sealing := filepath.Join(data, "keys", "anonymize")
	move(t, sealing, dir, "sealing-*.json") // 72 hours later
	if gone := prove(false, "--prove"); len(gone.Copies) != 0 || gone.opens()["statements"] != [2]int{20, 0} || gone.opens()["cohorts"][1] != 0 || gone.opens()["streams"] != [2]int{before.opens()["streams"][0], 0} {
		t.Errorf("72 hours later: %+v", gone)
	}
	found := prove(true, "--prove", "--search", filepath.Join(dir, "backup"))
	slices.Sort(found.Copies)
	if !slices.Equal(found.Copies, []string{elsewhere, pseudonyms}) || found.opens()["cohorts"][1] == 0 {
		t.Errorf("with planted copies: %+v", found)
	}

	if _, all, err := asks(t, home+" canary-1", "rights", "explain", "--data", data); err != nil || !strings.Contains(all, "détruites") {
		t.Errorf("explain: %v\n%s", err, all)
	}
	move(t, dir, sealing, "sealing-*.json")
	_, at = serve("2021-2022")
	until(t, 20*time.Second, "a statement of the year that is left is taken", func() bool {
		return post(t, at["xAPI"], publisher, strings.NewReplacer("2026-09-02", "2021-09-06", home, "http://fun-mooc.fr").Replace(about("canary-1", 1))) == http.StatusOK
	})
	folded(at, 21)
}

// copyKey copies a key to where it must not be, readable by all.
func copyKey(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, mustRead(t, from), 0o644); err != nil {
		t.Fatal(err)
	}
}

// move moves the files that fit a pattern.
func move(t *testing.T, from, to, pattern string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(from, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v, %v", pattern, files, err)
	}
	for _, file := range files {
		if err := os.Rename(file, filepath.Join(to, filepath.Base(file))); err != nil {
			t.Fatal(err)
		}
	}
}
