package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type section1 struct {
	Brokers  []string      `koanf:"brokers"`
	MaxWait  time.Duration `koanf:"max_wait"`
	Password string        `koanf:"password"`
}

type sample struct {
	Listen string            `koanf:"listen"`
	Kafka  section1          `koanf:"kafka"`
	Labels map[string]string `koanf:"labels"`
	Size   int               `koanf:"size"`
	inner  int
}

func (s *sample) Validate() error {
	if s.Size < 0 {
		return errors.New("size is negative")
	}
	return nil
}

func defaults() *sample {
	return &sample{Listen: ":8080", Kafka: section1{Brokers: []string{"a", "b", "c"}, MaxWait: time.Second}, Size: 1, inner: 7}
}

func write(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "brume.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPrecedence(t *testing.T) {
	got := defaults()
	err := Load(got, Sources{
		File:    write(t, "listen: ':1'\nsize: 2\nkafka:\n  max_wait: 5s\n  brokers: [x]\nlabels:\n  one.two: v\n"),
		Environ: []string{"BRUME_SIZE=3", "BRUME_LISTEN=:2", "BRUME_KAFKA_BROKERS=p, q", "BRUME_TEST_DATA=/x", "HOME=/root"},
		Flags:   map[string]any{"listen": ":3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &sample{Listen: ":3", Size: 3, Kafka: section1{Brokers: []string{"p", "q"}, MaxWait: 5 * time.Second}, inner: 7}
	want.Labels = got.Labels
	if d := cmp.Diff(got, want, cmp.AllowUnexported(sample{})); d != "" {
		t.Errorf("(-got, +want):\n%s", d)
	}
	if len(got.Labels) != 1 {
		t.Errorf("labels: %v", got.Labels)
	}
}

func TestEveryFaultAtOnce(t *testing.T) {
	err := Load(defaults(), Sources{
		File:    write(t, "listn: x\nkafka:\n  max_wait: soon\n  broker: [x]\nlabels:\nsize: -1\n"),
		Environ: []string{"BRUME_KAFKA_BROKER=z"},
		Flags:   map[string]any{"colour": "red"},
	})
	for _, want := range []string{"listn", "kafka.broker", "labels has no value", "max_wait", "BRUME_KAFKA_BROKER sets", "colour", "size is negative"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not reported in:\n%v", want, err)
		}
	}
}

func TestBrokenFileIsReportedWithTheRest(t *testing.T) {
	err := Load(defaults(), Sources{File: write(t, "a: 1\na: 2\n"), Environ: []string{"BRUME_NOPE=1"}})
	if err == nil || !strings.Contains(err.Error(), "BRUME_NOPE") || !strings.Contains(err.Error(), "already defined") {
		t.Errorf("got %v", err)
	}
	if err := Load(defaults(), Sources{File: "does-not-exist.yaml"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestDumpLoadsAgain(t *testing.T) {
	want := defaults()
	want.Labels = map[string]string{"k": "v"}
	b, err := Dump(want)
	if err != nil {
		t.Fatal(err)
	}
	got := &sample{inner: 7}
	if err := Load(got, Sources{File: write(t, string(b))}); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if d := cmp.Diff(got, want, cmp.AllowUnexported(sample{})); d != "" {
		t.Errorf("(-got, +want):\n%s", d)
	}
	want.Kafka.Password = "canary"
	if b, err := Dump(want); err != nil || strings.Contains(string(b), "canary") || !strings.Contains(string(b), "max_wait: 1s") {
		t.Errorf("%s, %v", b, err)
	}
}

// One file serves several processes: the sections of others are passed over,
// but a section of which target has a key is checked.
func TestSectionsOfOthers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var c struct {
		Mine struct {
			Key string `koanf:"key"`
		} `koanf:"mine"`
	}
	src := Sources{File: file, Others: []string{"mine", "theirs", "deep.section"}}
	write("mine: {key: a}\ntheirs: {key: b}\ndeep: {section: {key: c}}\n")
	if err := Load(&c, src); err != nil || c.Mine.Key != "a" {
		t.Errorf("got %q, %v", c.Mine.Key, err)
	}
	for _, text := range []string{"mine: {keys: a}\n", "their: {key: b}\n", "deep: {key: c}\n"} {
		write(text)
		if err := Load(&c, src); err == nil {
			t.Errorf("accepted: %s", text)
		}
	}
}
