package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"brume/cmd/internal/datadir"
	"brume/internal/kafka"
	"brume/internal/testenv"
	"brume/schemas/mapping"
	"brume/schemas/topics"
)

var update = flag.Bool("update", false, "write the golden files")

// brume runs a command and returns what it prints.
func brume(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(&out)
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// fill writes a shipped mapping with its examples in force to a file.
func fill(t *testing.T, name string) string {
	t.Helper()
	source := brume(t, "publishers", "map", "--print", "--mapping", name)
	file := filepath.Join(t.TempDir(), name+".yaml")
	if err := os.WriteFile(file, []byte(regexp.MustCompile(`(?m)^( *)#> `).ReplaceAllString(source, "$1")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// The samples are in the shape of what each tool sends; what they become is
// read in the golden files.
func TestMapSamples(t *testing.T) {
	for _, name := range mapping.ShippedNames() {
		samples, _ := filepath.Glob("testdata/map/" + name + ".*json")
		if len(samples) != 1 {
			if name != "fun-mooc" {
				t.Errorf("%s: want one sample, got %v", name, samples)
			}
			continue
		}
		args := []string{"publishers", "map", "--sample", samples[0], "--mapping", fill(t, name), "--publisher", name}
		if name == mapping.Default {
			args = append(args, "--why")
		}
		got := brume(t, args...)
		golden := "testdata/map/" + name + ".golden"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("%s (-want, +got):\n%s", name, diff)
		}
	}
}

// Names, addresses and account names of the samples are never printed.
func TestMapNamesNobody(t *testing.T) {
	persons := []string{"Zoé", "Lacombe", "Verdoux", "verdoux", "Corbier", "Maëlle", "Quintard", "quintard", "318", "5b0c9d1e", "ebd31e95", "3c1e6f2a", "u-20417", "e5f0-4417", "a-77"}
	samples, err := filepath.Glob("testdata/map/*json")
	if err != nil || len(samples) == 0 {
		t.Fatal("no sample")
	}
	for _, file := range samples {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, name := range mapping.ShippedNames() {
			for _, format := range []string{"--why", "--json"} {
				got := brume(t, "publishers", "map", "--sample", file, "--mapping", fill(t, name), format)
				for _, p := range persons {
					found = found || bytes.Contains(text, []byte(p))
					if strings.Contains(got, p) {
						t.Errorf("%s with %s %s prints %s", file, name, format, p)
					}
				}
			}
		}
		if !found {
			t.Errorf("%s names nobody: the test proves nothing", file)
		}
	}
}

func TestMapPackedAndBrief(t *testing.T) {
	text, err := os.ReadFile("testdata/map/generic.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(text)
	z.Close()
	file := filepath.Join(t.TempDir(), "sample.gz")
	if err := os.WriteFile(file, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	plain := brume(t, "publishers", "map", "--sample", "testdata/map/generic.ndjson", "--summary")
	if got := brume(t, "publishers", "map", "--sample", file, "--summary"); got != plain || !strings.HasPrefix(got, "mapping generic: 9 statements") {
		t.Errorf("got %q packed, %q plain", got, plain)
	}
	if got := brume(t, "publishers", "map", "--sample", file, "--summary", "--json"); !strings.Contains(got, `"mapped":5`) {
		t.Errorf("got %s", got)
	}
}

// What a real platform emitted is mapped, every statement of it.
func TestMapRecorded(t *testing.T) {
	file := testenv.Data(t, "fun-mooc-22000.ndjson.gz")
	got := brume(t, "publishers", "map", "--sample", file, "--mapping", "fun-mooc", "--summary")
	if !strings.HasPrefix(got, "mapping fun-mooc: 22000 statements, 22000 mapped, 0 refused, 0 dropped\n") || strings.Contains(got, "unmapped") {
		t.Errorf("got %s", got)
	}
}

// A registered publisher's own mapping and the installation's registry are
// what counts there.
func TestMapAsRegistered(t *testing.T) {
	dir, broker := t.TempDir(), testenv.Kafka(t)
	k := kafka.New(broker, testenv.Log(t))
	err := k.EnsureTopics(t.Context(), []kafka.Topic{{Name: topics.Publishers, Partitions: 1, Compact: true}})
	if err := errors.Join(err, k.Close(), datadir.Dir(dir).Remember(datadir.Settings{
		Partitions: 1, Departments: 1, Brokers: broker.Brokers, Security: broker.Security, Prefix: broker.Prefix,
	})); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/map/moodle.json"
	brume(t, "publishers", "add", "college", "--mapping", fill(t, "moodle"), "--data", dir)
	got := brume(t, "publishers", "map", "--sample", file, "--publisher", "college", "--data", dir, "--summary")
	want := brume(t, "publishers", "map", "--sample", file, "--mapping", fill(t, "moodle"), "--summary")
	if got != want || !strings.Contains(got, "15 statements, 11 mapped") {
		t.Errorf("got %s\nwant %s", got, want)
	}
	root := newRoot()
	root.SetArgs([]string{"publishers", "map", "--sample", file, "--publisher", "nobody", "--data", dir})
	if err := root.Execute(); err == nil {
		t.Error("an unknown publisher has a mapping")
	}
}
