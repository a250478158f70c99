package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"brume/internal/testenv"
)

// example is the operators' example with its optional settings in force and
// the test's own addresses and paths.
func example(t *testing.T, dir, broker, prefix, listen string) string {
	t.Helper()
	text, err := os.ReadFile("../../deploy/examples/brume.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := regexp.MustCompile(`(?m)^  # ( *[a-z_]+: ?)`).ReplaceAllString(string(text), "  $1")
	for _, name := range []string{"client_ca_file", "origins", "readback", "readback_bytes", "bulk", "bulk_lines", "oauth", "issuer", "audience", "jwks_url", "algorithms", "leeway"} {
		if !regexp.MustCompile(`(?m)^ +` + name + `:`).MatchString(s) {
			t.Errorf("the example does not name %s", name)
		}
	}
	s = regexp.MustCompile(`(?s)\nkafka:.*?\n\n`).ReplaceAllString(s, fmt.Sprintf("\nkafka: {brokers: [%q], prefix: %q}\n\n", broker, prefix))
	for _, pair := range [][2]string{{"0.0.0.0:8443", listen}, {"partitions: 64", fmt.Sprint("partitions: ", partitions)}, {"registry: /etc/brume/registry", `registry: ""`},
		{"jwks_url: https://id.example/keys", "jwks_file: /etc/brume/keys.json"}, {"clients.pem", "authority.pem"}, {"/var/lib/brume", dir}, {"/etc/brume", dir}} {
		if !strings.Contains(s, pair[0]) {
			t.Errorf("the example has no %q", pair[0])
		}
		s = strings.ReplaceAll(s, pair[0], pair[1])
	}
	return writeConfig(t, s)
}

// An operator's configuration, as the example has it, lets publishers in by a
// secret, a token and a certificate, over TLS, and nobody else.
func TestOperatorsConfiguration(t *testing.T) {
	dir := t.TempDir()
	a := newAuthority(t, dir)
	a.issue(t, "http-cert")
	if err := os.Rename(filepath.Join(dir, "http-cert-key.pem"), filepath.Join(dir, "http-key.pem")); err != nil {
		t.Fatal(err)
	}
	a.issue(t, "tool")
	a.issue(t, "unknown")
	token, forged := a.token(t, "calcul-prod"), newAuthority(t, t.TempDir()).token(t, "calcul-prod")
	cfg, listen := testenv.Kafka(t), freePort(t)
	file := example(t, dir, cfg.Brokers[0], cfg.Prefix, listen)
	output(t, "brume", "keys", "init", "--keys", filepath.Join(dir, "keys"), "--years", "2026-2027")
	for _, name := range []string{"brume-anonymize", "brume-ingest"} {
		output(t, name, "--config", file, "--check")
		start(t, []string{"BRUME_METRICS=" + freePort(t)}, name, "--config", file)
	}
	plain, statements := a.client(t, ""), "https://"+listen+"/xapi/statements"
	until(t, 60*time.Second, "the endpoint answers", func() bool {
		answer, err := plain.Get("https://" + listen + "/xapi/about")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	key := decode[credentials](t, output(t, "brume", "publishers", "add", "calcul", "--json", "--config", file))
	output(t, "brume", "publishers", "key", "calcul", "--client", "calcul-prod", "--config", file)
	output(t, "brume", "publishers", "key", "calcul", "--certificate", filepath.Join(dir, "tool.pem"), "--config", file)
	basic := func(r *http.Request) { r.SetBasicAuth(key.Key, key.Secret) }
	bearer := func(token string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	}
	nothing := func(*http.Request) {}
	until(t, 10*time.Second, "the last key is known", func() bool {
		status, _ := send(t, a.client(t, "tool"), statements, nothing)
		return status == http.StatusOK
	})
	for name, row := range map[string]struct {
		client *http.Client
		prove  func(*http.Request)
		want   int
	}{
		"secret": {plain, basic, 200}, "token": {plain, bearer(token), 200}, "certificate": {a.client(t, "tool"), nothing, 200},
		"nothing": {plain, nothing, 401}, "forged token": {plain, bearer(forged), 401}, "unknown certificate": {a.client(t, "unknown"), nothing, 401},
		"two proofs": {a.client(t, "tool"), basic, 400},
	} {
		if status, text := send(t, row.client, statements, row.prove); status != row.want {
			t.Errorf("%s: %d %s, want %d", name, status, text, row.want)
		}
	}
}

// send posts a statement and returns the answer.
func send(t *testing.T, client *http.Client, url string, prove func(*http.Request)) (status int, text string) {
	t.Helper()
	const statement = `{"actor":{"account":{"homePage":"https://ent.example","name":"1"}},"verb":{"id":"http://adlnet.gov/expapi/verbs/answered"},"object":{"id":"https://calcul.example/1"}}`
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewBufferString(statement))
	if err != nil {
		t.Fatal(err)
	}
	prove(r)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Experience-API-Version", "2.0.0")
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}
