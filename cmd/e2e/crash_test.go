package e2e

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

var (
	kills  = flag.Int("kills", 1, "how often each crash point kills in TestKilledAtEveryNamedStep")
	within = flag.Duration("within", 20*time.Minute, "begin no further school year after this")
	killed = flag.String("killed", "", "file that takes what TestKilledAtEveryNamedStep did")
)

// lanes is how many school years are played beside each other: they mostly wait
// for the disk. The flag -parallel bounds them, too.
const lanes = 4

// Killed with -9 at each durable step, at one of the turns of chance, and
// started again, a short school year of every cadence ends as an undisturbed
// one: the same sums before noise, one value a cell, each release charged once,
// every statement counted once.
func TestKilledAtEveryNamedStep(t *testing.T) {
	began := time.Now()
	program := filepath.Join(bin, "brume-crashpoints")
	build := exec.Command("go", "build", "-tags", "crashpoints", "-o", program, "brume/cmd/brume")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	y := newShortYear(t, program)
	want := y.run(t, "calm", nil)
	years := *kills/killsInAYear + 1
	p := newPlan(*kills, years, len(y.weeks))
	t.Run("lanes", func(t *testing.T) {
		for range min(years, lanes) {
			t.Run("lane", func(t *testing.T) {
				t.Parallel()
				for time.Since(began) < *within && p.begin() {
					t.Run("year", func(t *testing.T) { y.run(t, t.Name(), p).equals(t, want) })
				}
			})
		}
	})
	if !p.done() {
		t.Logf("time was up after %d school years: still to be killed: %v", p.years, p.left)
	}
	for _, s := range steps {
		t.Logf("%-26s %d kills", s.name, p.killed(s.name))
	}
	if *killed != "" {
		p.write(t, *killed, began)
	}
}
