package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// write writes what was done into a file.
func (p *plan) write(t *testing.T, file string, began time.Time) {
	t.Helper()
	var b strings.Builder
	git := func(args ...string) string {
		out, _ := exec.Command("git", args...).Output()
		return strings.TrimSpace(string(out))
	}
	fmt.Fprintf(&b, "commit %s, %d files differ\n%s, %s, %d cores, %s, %.0f s, %d school years of 14 releases\n\n", git("rev-parse", "--short", "HEAD"),
		len(strings.Fields(git("diff", "--name-only", "HEAD"))), began.UTC().Format(time.RFC3339), processor(), runtime.NumCPU(), runtime.Version(),
		time.Since(began).Seconds(), p.years)
	cadences := []string{"week", "half-term", "stream", "other"}
	fmt.Fprintf(&b, "%-26s %6s", "killed at", "kills")
	for _, c := range cadences {
		fmt.Fprintf(&b, " %10s", c)
	}
	total := 0
	for _, s := range steps {
		fmt.Fprintf(&b, "\n%-26s %6d", s.name, p.killed(s.name))
		for _, c := range cadences {
			fmt.Fprintf(&b, " %10d", p.fired[s.name][c])
		}
		total += p.killed(s.name)
	}
	verdict := "ok"
	if t.Failed() {
		verdict = "FAILED"
	}
	fmt.Fprintf(&b, "\n%-26s %6d\n\n%s\n", "all", total, verdict)
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Error(err)
	}
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return runtime.GOARCH
}
