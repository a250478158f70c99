package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// steps are the named crash points, each around something durable.
var steps = []string{
	"snapshot.chunk", "snapshot.manifest.before", "partial.before", "partial.after",
	"gate.reserve.before", "gate.reserve.after", "gate.draft.after", "gate.commit.after", "gate.copy.before",
	"gate.destroy.before",
}

// Killed with -9 at each durable step and started again, the same statements
// give the same sums before noise, one release a window, charged once.
func TestKilledAtEveryNamedStep(t *testing.T) {
	program := filepath.Join(bin, "brume-crashpoints")
	build := exec.Command("go", "build", "-tags", "crashpoints", "-o", program, "brume/cmd/brume")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dir := t.TempDir()
	keys := filepath.Join(dir, "keys")
	args := func(data string) []string {
		return []string{"demo", "--once", "--json", "--pupils", "300", "--weeks", "2", "--seed", "9", "--data", data, "--keys", keys}
	}
	calm := filepath.Join(dir, "calm")
	output(t, "brume", args(calm)...)
	want := budgetOf(t, calm)
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			data := filepath.Join(dir, step)
			env := append(os.Environ(), "BRUME_CRASHPOINT="+step, "BRUME_CRASHPOINT_FILE="+filepath.Join(dir, step+".seen"),
				"BRUME_ANONYMIZE_SNAPSHOT_EVERY=1s")
			c := exec.Command(program, args(data)...)
			c.Dir, c.Env = t.TempDir(), env
			if out, err := c.CombinedOutput(); err == nil {
				t.Fatalf("the step was not reached:\n%s", out)
			}
			again := exec.Command(program, args(data)...)
			again.Dir, again.Env = c.Dir, env
			if out, err := again.CombinedOutput(); err != nil {
				t.Fatalf("the run after the crash: %v\n%s", err, out)
			}
			if diff := cmp.Diff(budgetOf(t, data), want); diff != "" {
				t.Errorf("sums before noise, charges or releases differ (-crashed, +calm):\n%s", diff)
			}
			output(t, "brume", "budget", "verify", "--data", data)
			output(t, "brume", "audit", "--data", data)
		})
	}
}
