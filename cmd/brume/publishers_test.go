package main

import (
	"bytes"
	"encoding/json/v2"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"brume/ingest/publishers"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/registry"
	"brume/schemas/topics"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// commands runs brume against a broker of the test.
func commands(t *testing.T) func(args ...string) (string, error) {
	t.Helper()
	cfg := testenv.Kafka(t)
	c := kafka.New(cfg, testenv.Log(t))
	t.Cleanup(func() { _ = c.Close() })
	if err := c.EnsureTopics(t.Context(), []kafka.Topic{{Name: topics.Publishers, Partitions: 1, Compact: true}}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "brume.yaml")
	text := fmt.Sprintf("kafka: {brokers: [%q], prefix: %q}\n", cfg.Brokers[0], cfg.Prefix)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(args ...string) (string, error) {
		var out bytes.Buffer
		root := newRoot()
		root.SetOut(&out)
		root.SetErr(&out)
		root.SetArgs(append([]string{"publishers", "--config", file}, args...))
		if len(args) > 0 {
			root.SetArgs(append([]string{"publishers", args[0], "--config", file}, args[1:]...))
		}
		err := root.ExecuteContext(t.Context())
		return out.String(), err
	}
}

// An operator registers, binds, lists, maps, rotates and revokes.
func TestPublishersCommands(t *testing.T) {
	run := commands(t)
	must := func(args ...string) string {
		t.Helper()
		out, err := run(args...)
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return out
	}
	issue := func(args ...string) (k credentials) {
		t.Helper()
		if err := json.Unmarshal([]byte(must(append(args, "--json")...)), &k); err != nil {
			t.Fatal(err)
		}
		return k
	}
	dir, reg := t.TempDir(), registry.Demonstration(0)
	school, tool := reg.Schools[0].UAI.String(), reg.Tools[0].Code
	own, cert := filepath.Join(dir, "own.yaml"), filepath.Join(dir, "client.pem")
	write(t, own, "name: own\nversion: 1\nschool:\n  - fixed: "+school+"\n")
	write(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: testenv.NewAuthority(t).Issue(t, time.Now().Add(time.Hour)).Leaf.Raw})))

	first := issue("add", "calcul", "--mapping", own, "--rate", "50", "--burst", "200", "--school", school, "--tool", tool, "--prefix", "https://calcul.example/,x/")
	tried := issue("key", "calcul", "--sandbox")
	if first.Kind != publishers.Secret || len(first.Secret) != 43 || tried.Key == first.Key {
		t.Errorf("issued %+v, %+v", first.Kind, tried.Kind)
	}
	if k := issue("key", "calcul", "--client", "calcul-client"); k.Kind != publishers.Client || k.Secret != "" {
		t.Errorf("a client is %+v", k)
	}
	if k := issue("key", "calcul", "--certificate", cert); k.Kind != publishers.Certificate || k.Secret != "" {
		t.Errorf("a certificate is %+v", k)
	}
	second := issue("rotate", "calcul", first.Key)
	list := must("list")
	bound := "50/s, 200 at once; schools " + school + "; tools " + tool + "; prefixes https://calcul.example/,x/"
	if strings.Count(list, bound) != 2 || strings.Count(list, "own (its own)") != 5 || !strings.Contains(list, "client calcul-client") ||
		!strings.Contains(list, "sandbox") || strings.Contains(list, first.Secret) || strings.Contains(list, second.Secret) {
		t.Errorf("the list is\n%s", list)
	}
	var records []publishers.Record
	if err := json.Unmarshal([]byte(must("list", "--json")), &records); err != nil || len(records) != 1 || len(records[0].Keys) != 5 {
		t.Errorf("%v: %+v", err, records)
	}
	must("set", "calcul", "--mapping", "generic")
	must("revoke", "calcul", first.Key)
	if list := must("list"); strings.Contains(list, first.Key) || strings.Count(list, "generic") != 4 {
		t.Errorf("the list is\n%s", list)
	}
	must("revoke", "calcul")
	if list := must("list"); !strings.Contains(list, "no live key") {
		t.Errorf("the list is\n%s", list)
	}
}

// What a command refuses, it says why, and registers nothing.
func TestPublishersRefusals(t *testing.T) {
	run := commands(t)
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	write(t, bad, "name: own\nversion: 0\n")
	for _, row := range []struct {
		want string
		args []string
	}{
		{"version", []string{"add", "calcul", "--mapping", bad}},
		{"neither a file", []string{"add", "calcul", "--mapping", "none"}},
		{"not in the registry", []string{"add", "calcul", "--school", "9990001X"}},
		{"in the registry", []string{"add", "calcul", "--tool", "no-such-tool"}},
		{"after the host", []string{"add", "calcul", "--prefix", "https://calcul.example"}},
		{"goes with a rate", []string{"add", "calcul", "--burst", "5"}},
		{"no certificate", []string{"add", "calcul", "--certificate", bad}},
		{"none of the others can be", []string{"add", "calcul", "--certificate", bad, "--client", "x"}},
		{"no such publisher", []string{"key", "calcul"}},
		{"no such publisher", []string{"set", "calcul", "--mapping", "generic"}},
		{"required flag", []string{"set", "calcul"}},
	} {
		if out, err := run(row.args...); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%v: %v %s, want %q", row.args, err, out, row.want)
		}
	}
	if out, err := run("list", "--json"); err != nil || strings.TrimSpace(out) != "[]" {
		t.Errorf("%v: %s", err, out)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
