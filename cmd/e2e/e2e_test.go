// Package e2e runs the built programs as a user does.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json/v2"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"brume/internal/embedded"
)

// bin is the directory of the built programs.
var bin string

func TestMain(m *testing.M) {
	embedded.MaybeRunChild()
	code, err := build(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func build(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "brume-e2e-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	bin = dir
	c := exec.Command("go", "build", "-o", dir+"/", "brume/cmd/brume", "brume/cmd/brume-ingest",
		"brume/cmd/brume-anonymize", "brume/cmd/brume-aggregate", "brume/cmd/brume-dashboards")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("building: %w\n%s", err, out)
	}
	return m.Run(), nil
}

// command prepares a program that ends with the test and shares no state with
// the user's own.
func command(t *testing.T, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(t.Context(), filepath.Join(bin, name), args...)
	c.Dir = t.TempDir()
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 30 * time.Second
	return c
}

// output runs a program and returns what it printed; it must exit with 0.
func output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	c := command(t, name, args...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return out
}

// decode reads a program's JSON.
func decode[T any](t *testing.T, out []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return v
}

// start runs a program until the test ends and shows its errors if it fails.
func start(t *testing.T, env []string, name string, args ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	c := command(t, name, args...)
	c.Env = append(os.Environ(), env...)
	stderr := &bytes.Buffer{}
	c.Stderr = stderr
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := c.Wait() // the test's context, which has ended, told it to drain
		if t.Failed() {
			t.Logf("%s: %v\n%s", name, err, tail(stderr.String(), 30))
		}
	})
	return c, bufio.NewReader(stdout)
}

func tail(s string, lines int) string {
	all := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// addresses reads what `brume serve` prints at its start.
func addresses(t *testing.T, r *bufio.Reader) map[string]string {
	t.Helper()
	found := map[string]string{}
	for len(found) < 5 {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("serve printed %v, then: %v", found, err)
		}
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			found[name] = strings.TrimSpace(value)
		}
	}
	go io.Copy(io.Discard, r)
	return found
}

// until polls until a condition holds.
func until(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s", what, limit)
		}
	}
}

// body returns an answer's body, or "" when nothing answers with 200.
func body(ctx context.Context, url string) string {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return ""
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return ""
	}
	return string(b)
}

// tally is what became of statements, added up from metrics.
type tally struct {
	Accepted, Folded, Duplicates, Dropped int64
	Reasons                               map[string]int64
}

var sample = regexp.MustCompile(`(?m)^(brume_\w+)(?:\{(.*)\})? ([0-9.e+]+)$`)

// metrics adds up the statements that an operators' port tells of.
func metrics(text string) tally {
	n := tally{Reasons: map[string]int64{}}
	label := func(labels, name string) string {
		_, rest, _ := strings.Cut(labels, name+`="`)
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
	for _, m := range sample.FindAllStringSubmatch(text, -1) {
		value, _ := strconv.ParseFloat(m[3], 64)
		switch {
		case m[1] == "brume_ingest_statements_total" && label(m[2], "outcome") == "accepted":
			n.Accepted += int64(value)
		case m[1] == "brume_ingest_dropped_total":
			n.Dropped += int64(value)
			n.Reasons[label(m[2], "reason")] += int64(value)
		}
		if m[1] != "brume_anonymize_statements" {
			continue
		}
		switch label(m[2], "outcome") {
		case "folded":
			n.Folded += int64(value)
		case "duplicate":
			n.Duplicates += int64(value)
		case "dropped":
			n.Dropped += int64(value)
			n.Reasons[label(m[2], "reason")] += int64(value)
		}
	}
	return n
}
