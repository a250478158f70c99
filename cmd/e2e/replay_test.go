package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"brume/internal/embedded"
	"brume/internal/kafka"
	"brume/internal/testenv"
)

const (
	recorded   = "fun-mooc-22000.ndjson.gz"
	partitions = 4
)

type credentials struct {
	Key    string `json:"key"`
	Secret string `json:"secret"`
}

type sent struct {
	Sent         int64 `json:"sent"`
	Acknowledged int64 `json:"acknowledged"`
	Refused      int64 `json:"refused"`
}

// site is a running Brume, however many processes it is.
type site struct {
	url     string   // of the endpoint
	metrics string   // of the anonymizer's port
	on      []string // flags by which commands find it
}

// The real statements of a French public platform go through the whole path
// with the same counts in one process and in four, on the embedded broker and
// on Apache Kafka.
func TestReplayOfRealStatements(t *testing.T) {
	file := testenv.Data(t, recorded)
	var first tally
	for _, layout := range []struct {
		name string
		run  func(*testing.T, kafka.Config) site
	}{{"serve", serveOn}, {"services", servicesOn}} {
		testenv.EachBroker(t, func(t *testing.T, cfg kafka.Config) {
			t.Run(layout.name, func(t *testing.T) {
				got := replayOn(t, layout.run(t, cfg), file)
				if first.Folded == 0 {
					first = got
				}
				if diff := cmp.Diff(got, first); diff != "" {
					t.Errorf("counts differ from the first layout's (-got, +first):\n%s", diff)
				}
			})
		})
	}
}

// replayOn sends the file and returns what became of it.
func replayOn(t *testing.T, s site, file string) tally {
	t.Helper()
	publisher := decode[credentials](t, output(t, "brume", append([]string{
		"publishers", "add", "fun-mooc", "--mapping", "fun-mooc", "--json"}, s.on...)...))
	r := decode[sent](t, output(t, "brume",
		"replay", file, "--to", s.url, "--key", publisher.Key, "--secret", publisher.Secret, "--json"))
	if r.Sent != 22000 || r.Acknowledged < 21000 || r.Acknowledged+r.Refused != r.Sent {
		t.Errorf("replay: %+v, want 22,000 sent and at least 21,000 acknowledged", r)
	}
	var n tally
	until(t, time.Minute, "everything acknowledged is folded, a duplicate or dropped", func() bool {
		n = metrics(body(t.Context(), s.metrics+"/metrics"))
		return n.Folded+n.Duplicates+n.Dropped == r.Acknowledged
	})
	n.Accepted = r.Acknowledged
	if n.Folded == 0 {
		t.Errorf("nothing was folded: %+v", n)
	}
	output(t, "brume", append([]string{"close", "--through", "2021-12-05"}, s.on...)...)
	output(t, "brume", append([]string{"budget", "verify"}, s.on...)...)
	output(t, "brume", append([]string{"audit"}, s.on...)...)
	t.Logf("%+v", n)
	return n
}

// external gives `brume serve` the brokers that the test chose.
func serveOn(t *testing.T, cfg kafka.Config) site {
	data := filepath.Join(t.TempDir(), "data")
	file := writeConfig(t, fmt.Sprintf("kafka: {brokers: [%q], prefix: %q}\npartitions: %d\n", cfg.Brokers[0], cfg.Prefix, partitions))
	_, out := start(t, nil, "brume", "serve", "--config", file, "--data", data, "--listen", "127.0.0.1:0")
	at := addresses(t, out)
	awaitEndpoint(t, at["xAPI"])
	return site{at["xAPI"], strings.TrimSuffix(at["metrics"], "/metrics"), []string{"--data", data}}
}

// Commands find the operator's own ClickHouse, beside a running process and
// after it.
func TestServeOnAnotherClickHouse(t *testing.T) {
	ch := testenvClickHouse(t)
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	users := ""
	for _, name := range []string{"migrator", "loader", "dashboards"} {
		users += "  " + name + ": " + userOf(t, ch, dir, name) + "\n"
	}
	file := writeConfig(t, fmt.Sprintf("partitions: %d\nclickhouse:\n%s", partitions, users))
	t.Run("running", func(t *testing.T) {
		_, out := start(t, nil, "brume", "serve", "--config", file, "--data", data, "--listen", "127.0.0.1:0")
		awaitEndpoint(t, addresses(t, out)["xAPI"])
		output(t, "brume", "close", "--through", "2026-W36", "--data", data)
		output(t, "brume", "audit", "--data", data)
	})
	found := decode[struct {
		Releases int `json:"releases"`
		Rows     int `json:"clickhouse_rows"`
	}](t, output(t, "brume", "audit", "--json", "--data", data))
	if found.Releases != 2 || found.Rows == 0 {
		t.Errorf("%+v: want the week and the step of its streams, in the operator's ClickHouse", found)
	}
}

// userOf is the configuration of one user of a server, its password in a file.
func userOf(t *testing.T, ch *embedded.ClickHouse, dir, name string) string {
	t.Helper()
	c, file := ch.User(name), filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(c.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("{addr: %q, user: %s, password_file: %s}", c.Addr, name, file)
}

// servicesOn runs the four services as processes of their own.
func servicesOn(t *testing.T, cfg kafka.Config) site {
	ch := testenvClickHouse(t)
	dir := t.TempDir()
	keys := filepath.Join(dir, "keys")
	output(t, "brume", "keys", "init", "--keys", keys)
	common := fmt.Sprintf("kafka: {brokers: [%q], prefix: %q}\npartitions: %d\nkeys: %s\n", cfg.Brokers[0], cfg.Prefix, partitions, keys)
	user := func(name string) string { return userOf(t, ch, dir, name) }
	listen, pages := freePort(t), freePort(t)
	file := writeConfig(t, common+fmt.Sprintf(`
state: %s
close: manual
clickhouse:
  migrator: %s
  loader: %s
  dashboards: %s
ingest: {clock: data}
`, filepath.Join(dir, "state"), user("migrator"), user("loader"), user("dashboards")))
	run := func(name, listen string) string {
		port := freePort(t)
		env := []string{"BRUME_METRICS=" + port}
		if listen != "" {
			env = append(env, "BRUME_HTTP_LISTEN="+listen)
		}
		start(t, env, name, "--config", file)
		return "http://" + port
	}
	metrics := run("brume-anonymize", "")
	run("brume-aggregate", "")
	run("brume-ingest", listen)
	run("brume-dashboards", pages)
	awaitEndpoint(t, "http://"+listen+"/xapi")
	until(t, 30*time.Second, "the dashboards answer", func() bool { return body(t.Context(), "http://"+pages+"/") != "" })
	return site{"http://" + listen + "/xapi", metrics, []string{"--config", file}}
}

// testenvClickHouse starts a server for one site: its tables are the site's.
func testenvClickHouse(t *testing.T) *embedded.ClickHouse {
	t.Helper()
	ch, err := embedded.StartClickHouse(t.Context(), embedded.ClickHouseConfig{Dir: filepath.Join(t.TempDir(), "clickhouse")}, testenv.Log(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ch.Close() })
	return ch
}

func awaitEndpoint(t *testing.T, url string) {
	t.Helper()
	until(t, 60*time.Second, "the endpoint answers", func() bool { return body(t.Context(), strings.TrimSuffix(url, "/")+"/about") != "" })
}

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "brume.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
