package e2e

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Every fault of a configuration is named at once, and nothing starts.
func TestWrongConfiguration(t *testing.T) {
	file := writeConfig(t, `
partitions: 0
close: never
polices: [2026-2027]
kafka: {replication: 0}
log: {level: loud}
dashboards: {timeout: 0s}
`)
	for name, want := range map[string][]string{
		"brume":            {"partitions", "close", "polices", "kafka.replication", "loud", "dashboards.timeout"},
		"brume-ingest":     {"partitions", "kafka.brokers", "polices", "kafka.replication", "loud"},
		"brume-anonymize":  {"partitions", "close", "polices", "kafka.replication", "loud"},
		"brume-aggregate":  {"partitions", "clickhouse.migrator.addr", "clickhouse.loader.addr", "polices", "kafka.replication", "loud"},
		"brume-dashboards": {"clickhouse.dashboards.addr", "polices", "loud", "dashboards.timeout"},
	} {
		args := []string{"--config", file}
		if name == "brume" {
			args = append([]string{"serve"}, args...)
		}
		out, err := command(t, name, args...).CombinedOutput()
		if err == nil {
			t.Errorf("%s: started", name)
		}
		for _, w := range want {
			if !strings.Contains(string(out), w) {
				t.Errorf("%s does not name %q:\n%s", name, w, out)
			}
		}
	}
}

// A simulated file goes through `brume serve` with its defaults, and a
// malformed statement gets the rule that it breaks.
func TestServeWithDefaults(t *testing.T) {
	dir := t.TempDir()
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "simulated.ndjson")
	_, out := start(t, nil, "brume", "serve", "--data", data, "--listen", "127.0.0.1:0")
	at := addresses(t, out)
	awaitEndpoint(t, at["xAPI"])
	publisher := decode[credentials](t, output(t, "brume", "publishers", "add", "tools", "--json", "--data", data))
	output(t, "brume", "simulate", "--pupils", "500", "--weeks", "1", "--seed", "2", "--out", file)
	until(t, 10*time.Second, "the new key is known", func() bool {
		return post(t, at["xAPI"], publisher, "[]") != http.StatusUnauthorized
	})
	r := decode[sent](t, output(t, "brume", "replay", file, "--to", at["xAPI"], "--key", publisher.Key, "--secret", publisher.Secret, "--json"))
	if r.Acknowledged == 0 || r.Refused == 0 || r.Sent != r.Acknowledged+r.Refused {
		t.Errorf("%+v: want some acknowledged and some refused", r)
	}
	if status := post(t, at["xAPI"], publisher, `{"actor": 1}`); status != http.StatusBadRequest {
		t.Errorf("malformed statement: status %d, want 400", status)
	}
	if status := post(t, at["xAPI"], credentials{"nobody", "nothing"}, "[]"); status != http.StatusUnauthorized {
		t.Errorf("unknown key: status %d, want 401", status)
	}
	output(t, "brume", "close", "--through", "2026-W36", "--data", data)
	until(t, 30*time.Second, "the week is on the page", func() bool {
		return strings.Contains(body(t.Context(), at["dashboards"]+"trend.csv?perimeter=13"), "2026-W36")
	})
	output(t, "brume", "audit", "--data", data)
	if body(t.Context(), at["publishers"]) == "" {
		t.Errorf("the publishers' pages do not answer at %q", at["publishers"])
	}
	for _, path := range []string{"", "en/", "trend", "en/trend", "transparency", "method"} {
		if body(t.Context(), at["dashboards"]+path) == "" {
			t.Errorf("page /%s does not answer", path)
		}
	}
}

// post sends a body and returns the status.
func post(t *testing.T, url string, k credentials, statement string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, strings.TrimSuffix(url, "/")+"/statements", strings.NewReader(statement))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(k.Key, k.Secret)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Experience-API-Version", "1.0.3")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}
